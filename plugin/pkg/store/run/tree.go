package run

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt walks its pages by recursion and believes every page number: one branch
// that leads back to itself overflows the stack, which no program survives, and
// one that has lost an element hides what was below. So before bbolt sees a file
// its tree is walked here: each page is reached once, pages are of the kind that
// belongs there, and each bucket has the entries that were written.
//
// The layout is that of bbolt's format 2: a page begins with its number (8
// bytes), flags (2), number of elements (2) and of further pages (4); elements
// have 16 bytes; numbers are in the order of the machine.

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagBucket = 0x01 // of a leaf's element

	pageHeader  = 16
	elementSize = 16
	metaSize    = 64
	metaSum     = 56 // offset of the checksum

	maxDepth = 32
)

var native = binary.NativeEndian

// A tree is the pages of a file, as its newest valid meta page has them.
type tree struct {
	file     io.ReaderAt
	pageSize int64
	root     uint64
	pages    uint64 // high water mark
	seen     []uint64
}

// entries walks the tree of a file and returns the number of entries by bucket.
func entries(file io.ReaderAt, size int64) (map[string]uint64, error) {
	t, err := openTree(file)
	if err != nil {
		return nil, err
	}
	if t.pages > uint64(size/t.pageSize) {
		return nil, fmt.Errorf("%w: %d bytes where %d pages of %d were written", ErrDamaged, size, t.pages, t.pageSize)
	}
	t.seen = make([]uint64, t.pages/64+1)
	counts := map[string]uint64{}
	_, err = t.walk(t.root, 0, func(leaf []byte, n int) error { return t.buckets(leaf, n, counts) })
	return counts, err
}

func openTree(file io.ReaderAt) (*tree, error) {
	var best *tree
	var newest uint64
	// The second meta page lies one page behind the first, whose size only a
	// valid one tells.
	for _, at := range []int64{0, pageSize} {
		b := make([]byte, pageHeader+metaSize)
		if _, err := file.ReadAt(b, at); err != nil {
			continue
		}
		m := b[pageHeader:]
		sum := fnv.New64a()
		sum.Write(m[:metaSum])
		if native.Uint32(m) != boltMagic || native.Uint32(m[4:]) != boltVersion || native.Uint32(m[8:]) != pageSize || native.Uint64(m[metaSum:]) != sum.Sum64() {
			continue
		}
		if txid := native.Uint64(m[48:]); best == nil || txid > newest {
			newest = txid
			best = &tree{file: file, pageSize: pageSize, root: native.Uint64(m[16:]), pages: native.Uint64(m[40:])}
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: no bbolt database with pages of %d bytes", ErrDamaged, pageSize)
	}
	return best, nil
}

// walk counts the elements of the leaves below a page, and gives each leaf to
// f, which may be nil.
func (t *tree) walk(id uint64, depth int, f func(leaf []byte, n int) error) (uint64, error) {
	if id < 2 || id >= t.pages || depth > maxDepth || t.seen[id/64]>>(id%64)&1 == 1 {
		return 0, fmt.Errorf("%w: page %d is reached where it cannot be", ErrDamaged, id)
	}
	t.seen[id/64] |= 1 << (id % 64)
	head, err := t.read(id, pageHeader)
	if err != nil {
		return 0, err
	}
	flags, n := native.Uint16(head[8:]), int(native.Uint16(head[10:]))
	switch {
	case native.Uint64(head) != id, n == 0 && depth > 0:
		return 0, fmt.Errorf("%w: page %d is none of the tree", ErrDamaged, id)
	case flags == flagLeaf && f == nil:
		return uint64(n), nil
	case flags == flagLeaf:
		pages := int64(native.Uint32(head[12:])) + 1
		if pages > int64(t.pages-id) {
			return 0, fmt.Errorf("%w: page %d reaches beyond the file", ErrDamaged, id)
		}
		leaf, err := t.read(id, pages*t.pageSize)
		if err != nil {
			return 0, err
		}
		return uint64(n), f(leaf, n)
	case flags != flagBranch:
		return 0, fmt.Errorf("%w: page %d has flags %#x", ErrDamaged, id, flags)
	}
	return t.children(id, n, depth, f)
}

func (t *tree) children(id uint64, n, depth int, f func(leaf []byte, n int) error) (uint64, error) {
	branch, err := t.read(id, pageHeader+int64(n)*elementSize)
	if err != nil {
		return 0, err
	}
	var total uint64
	for i := range n {
		below, err := t.walk(native.Uint64(branch[pageHeader+i*elementSize+8:]), depth+1, f)
		if err != nil {
			return 0, err
		}
		total += below
	}
	return total, nil
}

func (t *tree) read(id uint64, n int64) ([]byte, error) {
	b := make([]byte, n)
	if _, err := t.file.ReadAt(b, int64(id)*t.pageSize); err != nil {
		return nil, fmt.Errorf("%w: page %d: %w", ErrDamaged, id, err)
	}
	return b, nil
}

// buckets counts the entries of the buckets that a leaf of the root names.
func (t *tree) buckets(leaf []byte, n int, counts map[string]uint64) error {
	for i := range n {
		at := pageHeader + i*elementSize
		if at+elementSize > len(leaf) {
			return fmt.Errorf("%w: bucket %d lies outside its page", ErrDamaged, i)
		}
		e := leaf[at:]
		key := int64(at) + int64(native.Uint32(e[4:]))
		value := key + int64(native.Uint32(e[8:]))
		end := value + int64(native.Uint32(e[12:]))
		if native.Uint32(e)&flagBucket == 0 || end > int64(len(leaf)) || end-value < pageHeader {
			return fmt.Errorf("%w: root entry %d is no bucket", ErrDamaged, i)
		}
		count, err := t.bucket(leaf[value:end])
		if err != nil {
			return fmt.Errorf("bucket %q: %w", leaf[key:value], err)
		}
		counts[string(leaf[key:value])] = count
	}
	return nil
}

// bucket counts the entries of a bucket: its header has the number of its root
// page; if that is 0 the page follows.
func (t *tree) bucket(b []byte) (uint64, error) {
	if root := native.Uint64(b); root != 0 {
		return t.walk(root, 0, nil)
	}
	const header = 16
	if len(b) < header+pageHeader || native.Uint16(b[header+8:]) != flagLeaf {
		return 0, fmt.Errorf("%w: page inside a bucket", ErrDamaged)
	}
	// bbolt may have a copy of it on the heap, where nothing ends what lies outside.
	n := int(native.Uint16(b[header+10:]))
	for i := range n {
		at := header + pageHeader + i*elementSize
		if at+elementSize > len(b) {
			return 0, fmt.Errorf("%w: page inside a bucket ends before its %d entries", ErrDamaged, n)
		}
		e := b[at:]
		if end := int64(at) + int64(native.Uint32(e[4:])) + int64(native.Uint32(e[8:])) + int64(native.Uint32(e[12:])); end > int64(len(b)) {
			return 0, fmt.Errorf("%w: entry %d lies outside its page inside a bucket", ErrDamaged, i)
		}
	}
	return uint64(n), nil
}
