"""Bytes of artifacts and datasets, by their SHA-256: in a local folder or in S3. Knows no database."""
