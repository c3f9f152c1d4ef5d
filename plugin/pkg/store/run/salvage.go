package run

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"os"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// A Salvage is what can still be read of a run's file, however damaged that is:
// bbolt is not asked, and no page is trusted to lead to another. A block counts
// by its own checksum, wherever in the file it lies. It is not safe for
// concurrent use.
type Salvage struct {
	file   io.ReaderAt
	close  func() error
	frames []frameAt
	info   *Info
}

// A frameAt is where a block of records lies in the file.
type frameAt struct {
	key    []byte
	offset int64
	size   uint32
}

// OpenSalvage reads a file once and remembers where blocks of records are: some
// 50 bytes of memory for each 16 KiB of records. The error matches that of the
// context if that has ended it.
func OpenSalvage(ctx context.Context, path string) (*Salvage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	s, err := newSalvage(ctx, f, st.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	s.close = f.Close
	return s, nil
}

func newSalvage(ctx context.Context, file io.ReaderAt, size int64) (*Salvage, error) {
	s := &Salvage{file: file}
	return s, s.scan(ctx, size/pageSize)
}

// Close closes the file.
func (s *Salvage) Close() error { return s.close() }

// Info is what the writer said of the run; false if that is lost.
func (s *Salvage) Info() (Info, bool) {
	if s.info == nil {
		return Info{}, false
	}
	return *s.info, true
}

// scan looks at each page whether it is a leaf.
func (s *Salvage) scan(ctx context.Context, pages int64) error {
	chunk := make([]byte, min(1024, pages)*pageSize)
	for id := int64(0); id < pages; id += 1024 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(1024, pages-id)
		s.read(chunk[:n*pageSize], id*pageSize)
		for i := range n {
			s.page(chunk[i*pageSize:][:pageSize], id+i, pages)
		}
	}
	slices.SortStableFunc(s.frames, func(a, b frameAt) int { return bytes.Compare(a.key, b.key) })
	s.frames = slices.CompactFunc(s.frames, func(a, b frameAt) bool { return bytes.Equal(a.key, b.key) })
	return nil
}

// read fills b from an offset; what the disk does not give is zero.
func (s *Salvage) read(b []byte, at int64) {
	if _, err := s.file.ReadAt(b, at); err == nil || err == io.EOF {
		return
	}
	clear(b)
	for i := 0; i < len(b); i += pageSize {
		if _, err := s.file.ReadAt(b[i:i+pageSize], at+int64(i)); err != nil {
			clear(b[i : i+pageSize])
		}
	}
}

// page takes what a page holds, if it is a leaf.
func (s *Salvage) page(p []byte, id, pages int64) {
	const most = 4 * maxPayload / pageSize // two blocks, and room
	overflow := int64(native.Uint32(p[12:]))
	if native.Uint64(p) != uint64(id) || native.Uint16(p[8:]) != flagLeaf || overflow >= min(most, pages-id) {
		return
	}
	if overflow > 0 {
		p = make([]byte, (overflow+1)*pageSize)
		s.read(p, id*pageSize)
	}
	s.leaf(p, id*pageSize, true)
}

// leaf takes the blocks among the elements of a leaf, which lies at an offset of
// the file. A small bucket is an element with a leaf of its own in it. Elements
// follow each other, so that no octet is looked at often.
func (s *Salvage) leaf(p []byte, offset int64, buckets bool) {
	var last int64
	for i := range int(native.Uint16(p[10:])) {
		at := pageHeader + i*elementSize
		if at+elementSize > len(p) {
			return
		}
		e := p[at:]
		key := int64(at) + int64(native.Uint32(e[4:]))
		value := key + int64(native.Uint32(e[8:]))
		end := value + int64(native.Uint32(e[12:]))
		if end > int64(len(p)) || key < last {
			continue
		}
		last = end
		const header = 16 // of a bucket: its root, which is 0 if the leaf follows, and a number
		if v := p[value:end]; native.Uint32(e)&flagBucket == 0 {
			s.element(p[key:value], v, offset+value)
		} else if buckets && len(v) > header+pageHeader && native.Uint64(v) == 0 && native.Uint16(v[header+8:]) == flagLeaf {
			s.leaf(v[header:], offset+value+header, false)
		}
	}
}

func (s *Salvage) element(key, frame []byte, offset int64) {
	if _, err := (place{bucketRrset, key}).body(frame); err == nil {
		s.frames = append(s.frames, frameAt{key: bytes.Clone(key), offset: offset, size: uint32(len(frame))})
		return
	}
	if !bytes.Equal(key, keyInfo) {
		return
	}
	info := new(Info)
	if b, err := (place{bucketMeta, key}).unpackFrame(nil, frame); err == nil && json.Unmarshal(b, info) == nil {
		s.info = info
	}
}

// Records are the records of all blocks that can be read, in order. Those that no
// run can hold are left out.
func (s *Salvage) Records(yield func(key []byte, f *rrset.Figures) bool) {
	var last, frame, payload []byte
	var decoder record.Decoder
	for _, at := range s.frames {
		frame = slices.Grow(frame[:0], int(at.size))[:at.size]
		s.read(frame, at.offset)
		var err error
		if payload, err = (place{bucketRrset, at.key}).unpackFrame(payload[:0], frame); err != nil {
			continue
		}
		for key, f := range blockRecords(payload) {
			_, err := decoder.Decode(key)
			sound := err == nil && f.First <= f.Last && f.Count > 0 && (last == nil || bytes.Compare(last, key) < 0)
			if !sound {
				continue
			}
			last = append(last[:0], key...)
			if !yield(key, f) {
				return
			}
		}
	}
}

// blockRecords are the records of one block, as far as they can be read.
func blockRecords(payload []byte) iter.Seq2[[]byte, *rrset.Figures] {
	return func(yield func([]byte, *rrset.Figures) bool) {
		var r recordReader
		if r.open(payload) != nil {
			return
		}
		for r.left > 0 {
			key, err := r.next()
			if err != nil || !yield(key, &r.figures) {
				return
			}
		}
	}
}
