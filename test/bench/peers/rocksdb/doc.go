// Package rocksdb is RocksDB with a merge operator that adds figures, by its C
// API, so that nothing is read before it is written. It needs Debian's
// librocksdb-dev and the build tag rocksdb.
package rocksdb
