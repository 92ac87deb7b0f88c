//! The HTTP contract: request and response types, error envelope, limits.
