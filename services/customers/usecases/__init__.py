"""What customers can do: record trade and copies of others' facts, open files, and take in what people announce."""
