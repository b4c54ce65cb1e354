"""What `gradcheck verify` says of documents that other people wrote, measured; they are not ours to keep here."""
