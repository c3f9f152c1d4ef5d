//go:build rocksdb

package main

import "example.org/pdns/test/bench/peers/rocksdb"

func init() { peers["rocksdb"] = rocksdb.Open }
