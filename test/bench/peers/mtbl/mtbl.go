//go:build mtbl

package mtbl

/*
#cgo CFLAGS: -I${SRCDIR}/../cfigures
#cgo pkg-config: libmtbl
#include <stdlib.h>
#include "tables.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"example.org/pdns/test/bench/peers/peer"
)

// perFile is how many records a file is made of before all are merged.
const perFile = 1_000_000

type tree struct {
	dir    string
	sorter *C.struct_mtbl_sorter
	held   int // records in the sorter
	made   int
	files  []string
	reader *C.struct_mtbl_reader // of the only file, once there is one
	flat   []byte
}

// Open uses dir, which is empty.
func Open(dir string) (peer.Peer, error) { return peer.OfTree(&tree{dir: dir}), nil }

// Put gives a batch to the sorter.
func (t *tree) Put(batch []peer.Entry) error {
	if t.sorter == nil {
		dir := C.CString(t.dir)
		t.sorter = C.tables_sorter(dir)
		C.free(unsafe.Pointer(dir))
	}
	t.flat = peer.Flat(t.flat[:0], batch)
	if C.tables_put(t.sorter, (*C.uint8_t)(unsafe.SliceData(t.flat)), C.size_t(len(t.flat))) == 0 {
		return errors.New("sorter: not added")
	}
	if t.held += len(batch); t.held < perFile {
		return nil
	}
	return t.Flush()
}

func (t *tree) next() string {
	t.made++
	return filepath.Join(t.dir, fmt.Sprintf("%06d.mtbl", t.made))
}

// Flush makes a file of what the sorter holds.
func (t *tree) Flush() error {
	if t.sorter == nil {
		return nil
	}
	file := t.next()
	path := C.CString(file)
	defer C.free(unsafe.Pointer(path))
	ok := C.tables_write(t.sorter, path)
	t.sorter, t.held = nil, 0
	if ok == 0 {
		return fmt.Errorf("%s: not written", file)
	}
	t.files = append(t.files, file)
	return nil
}

// Settle merges all files into one.
func (t *tree) Settle() error {
	if err := t.Flush(); err != nil {
		return err
	}
	if len(t.files) > 1 {
		if err := t.merge(); err != nil {
			return err
		}
	}
	if len(t.files) == 0 {
		return nil
	}
	path := C.CString(t.files[0])
	defer C.free(unsafe.Pointer(path))
	t.unread()
	if t.reader = C.mtbl_reader_init(path, nil); t.reader == nil {
		return fmt.Errorf("%s: does not open", t.files[0])
	}
	return nil
}

func (t *tree) merge() error {
	file := t.next()
	path := C.CString(file)
	defer C.free(unsafe.Pointer(path))
	paths := make([]*C.char, len(t.files))
	for i, f := range t.files {
		paths[i] = C.CString(f)
		defer C.free(unsafe.Pointer(paths[i]))
	}
	if C.tables_merge(unsafe.SliceData(paths), C.size_t(len(paths)), path) == 0 {
		return fmt.Errorf("%s: not written", file)
	}
	for _, f := range t.files {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	t.files = []string{file}
	return nil
}

// Scan reads keys with a prefix from the only file.
func (t *tree) Scan(name byte, prefix []byte, yield func(key, value []byte) bool) error {
	if t.reader == nil {
		return errors.New("not settled")
	}
	from := append([]byte{name}, prefix...)
	it := C.mtbl_source_get_prefix(C.mtbl_reader_source(t.reader), (*C.uint8_t)(unsafe.SliceData(from)), C.size_t(len(from)))
	if it == nil {
		return nil
	}
	defer C.mtbl_iter_destroy(&it)
	var k, v *C.uint8_t
	var keyLen, valueLen C.size_t
	for C.mtbl_iter_next(it, &k, &keyLen, &v, &valueLen) == C.mtbl_res_success {
		key := unsafe.Slice((*byte)(k), int(keyLen))
		if !yield(key[1:], unsafe.Slice((*byte)(v), int(valueLen))) {
			return nil
		}
	}
	return nil
}

// Size is that of the only file.
func (t *tree) Size() (int64, error) { return peer.DirSize(t.dir) }

func (t *tree) unread() {
	if t.reader != nil {
		C.mtbl_reader_destroy(&t.reader)
	}
}

// Close closes the file.
func (t *tree) Close() error {
	t.unread()
	if t.sorter != nil {
		C.mtbl_sorter_destroy(&t.sorter)
	}
	return nil
}
