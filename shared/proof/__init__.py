"""What proves the audit to somebody who trusts nobody: the chain, the tree over it (RFC 6962) and its signed heads.

Pure, and free of every service: the archive that keeps the audit and the command that verifies it offline share it.
"""
