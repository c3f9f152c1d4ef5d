//go:build rocksdb

package rocksdb

/*
#cgo CFLAGS: -I${SRCDIR}/../cfigures
#cgo pkg-config: rocksdb
#include <stdlib.h>
#include "rocks.h"
*/
import "C"

import (
	"bytes"
	"errors"
	"unsafe"

	"example.org/pdns/test/bench/peers/peer"
)

type tree struct {
	db    *C.rocksdb_t
	write *C.rocksdb_writeoptions_t
	read  *C.rocksdb_readoptions_t
	dir   string
	flat  []byte
}

// Open opens a new database in dir. There is no log: what a crash may lose is
// what the memtables hold, as in the store that it is compared with.
func Open(dir string) (peer.Peer, error) {
	path := C.CString(dir)
	defer C.free(unsafe.Pointer(path))
	options := C.rocks_options()
	defer C.rocksdb_options_destroy(options)
	t := &tree{write: C.rocksdb_writeoptions_create(), read: C.rocksdb_readoptions_create(), dir: dir}
	C.rocksdb_writeoptions_disable_WAL(t.write, 1)
	var cerr *C.char
	if t.db = C.rocksdb_open(options, path, &cerr); cerr != nil {
		return nil, failure(cerr)
	}
	return peer.OfTree(t), nil
}

// failure is the error in a text that the library has allocated, if any.
func failure(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.rocksdb_free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}

// Put writes a batch.
func (t *tree) Put(batch []peer.Entry) error {
	t.flat = peer.Flat(t.flat[:0], batch)
	var cerr *C.char
	C.rocks_put(t.db, t.write, (*C.uint8_t)(unsafe.SliceData(t.flat)), C.size_t(len(t.flat)), &cerr)
	return failure(cerr)
}

// Flush writes the memtables to files.
func (t *tree) Flush() error {
	options := C.rocksdb_flushoptions_create()
	defer C.rocksdb_flushoptions_destroy(options)
	var cerr *C.char
	C.rocksdb_flush(t.db, options, &cerr)
	return failure(cerr)
}

// Settle flushes, and waits until no compaction is under way or due.
func (t *tree) Settle() error {
	err := t.Flush()
	C.rocks_wait(t.db)
	return err
}

// Scan reads keys with a prefix.
func (t *tree) Scan(name byte, prefix []byte, yield func(key, value []byte) bool) error {
	from := append([]byte{name}, prefix...)
	it := C.rocksdb_create_iterator(t.db, t.read)
	defer C.rocksdb_iter_destroy(it)
	C.rocksdb_iter_seek(it, (*C.char)(unsafe.Pointer(unsafe.SliceData(from))), C.size_t(len(from)))
	for C.rocksdb_iter_valid(it) != 0 {
		var keyLen, valueLen C.size_t
		k := C.rocksdb_iter_key(it, &keyLen)
		v := C.rocksdb_iter_value(it, &valueLen)
		key := unsafe.Slice((*byte)(unsafe.Pointer(k)), int(keyLen))
		if !bytes.HasPrefix(key, from) || !yield(key[1:], unsafe.Slice((*byte)(unsafe.Pointer(v)), int(valueLen))) {
			break
		}
		C.rocksdb_iter_next(it)
	}
	var cerr *C.char
	C.rocksdb_iter_get_error(it, &cerr)
	return failure(cerr)
}

// Size is that of the directory, when everything is compacted.
func (t *tree) Size() (int64, error) {
	C.rocksdb_compact_range(t.db, nil, 0, nil, 0)
	C.rocks_wait(t.db)
	return peer.DirSize(t.dir)
}

// Close closes the database.
func (t *tree) Close() error {
	C.rocksdb_close(t.db)
	C.rocksdb_readoptions_destroy(t.read)
	C.rocksdb_writeoptions_destroy(t.write)
	return nil
}
