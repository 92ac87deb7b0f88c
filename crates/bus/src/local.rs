//! Between processes of one host: datagrams over Unix sockets in one directory.
