"""The web portal: what Jifen is, signing up, and the way to a ready shop. Base domain only."""
