"""What followup does: plan contacts, issue what is due, take reports of contacts made, show lists."""
