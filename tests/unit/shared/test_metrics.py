from prometheus_client.parser import text_string_to_metric_families

from shared.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """What Prometheus would read, by name and labels."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        f"{sample.name}{''.join(f' {value}' for value in sample.labels.values())}": sample.value
        for family in families
        for sample in family.samples
    }


def test_a_batch_is_counted_by_outcome() -> None:
    """Accepted, doubled and refused records, and how long they took."""
    metrics = Metrics()
    metrics.committed(5, 2, 1, 0.03)
    metrics.committed(1, 0, 0, 0.01)
    found = samples(metrics)
    assert (found["tierline_records_total accepted"], found["tierline_records_total duplicate"]) == (6, 2)
    assert found["tierline_records_total refused"] == 1
    assert found["tierline_batch_seconds_count"] == 2


def test_outcomes_are_there_before_anything_happened() -> None:
    """An alert on the first refusal needs the zero before it."""
    assert samples(Metrics())["tierline_records_total refused"] == 0


def test_waiting_shows_until_it_is_over() -> None:
    """A dashboard sees that a service waits, and that it went on."""
    metrics = Metrics()
    metrics.waits(ConnectionError())
    metrics.waits(ConnectionError())
    found = samples(metrics)
    assert (found["tierline_waiting"], found["tierline_retries_total ConnectionError"]) == (1, 2)
    metrics.waits(None)
    assert samples(metrics)["tierline_waiting"] == 0


def test_the_outbox_and_the_lag_are_told() -> None:
    """What is still to go out and to come in."""
    metrics = Metrics()
    metrics.relayed(7)
    metrics.outbox_pending(3)
    metrics.lagging("orders.v1", 40)
    found = samples(metrics)
    assert found["tierline_relay_published_total"] == 7
    assert (found["tierline_outbox_pending"], found["tierline_lag orders.v1"]) == (3, 40)


def test_two_services_in_one_process_do_not_mix() -> None:
    """Each has its own registry."""
    first, second = Metrics(), Metrics()
    first.relayed(1)
    assert samples(second)["tierline_relay_published_total"] == 0


def test_every_measure_is_ours_by_name() -> None:
    """The prefix keeps them apart on a shared Prometheus; `process_` is the convention for the process itself."""
    assert all(name.startswith(("tierline_", "process_")) for name in samples(Metrics()))
