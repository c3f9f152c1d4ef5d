package run

import (
	"bytes"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// A blockReader walks the entries of one kind of block.
type blockReader interface {
	open(payload []byte) error
	rest() int                     // entries not yet read
	next() (key []byte, err error) // valid until the next call
}

// A walker walks the entries of a bucket, block by block. Close it before the
// run closes. It is not safe for concurrent use.
type walker struct {
	Key []byte // of the entry; valid until the next step

	blocks  blocks
	reader  blockReader
	pending bool // Seek has stepped onto the entry that Next is to give
	err     error
}

// Close ends the cursor.
func (w *walker) Close() { w.blocks.close() }

// Err is the error that ended the cursor, if one did.
func (w *walker) Err() error { return w.err }

func (w *walker) fail(err error) bool {
	w.err, w.pending = err, false
	return false
}

// load goes on with a block; false at the end and after an error.
func (w *walker) load(payload []byte, err error) bool {
	w.Key = nil
	if err != nil {
		return w.fail(err)
	}
	if payload == nil {
		return false
	}
	if err := w.reader.open(payload); err != nil {
		return w.fail(fmt.Errorf("%s: %w", w.blocks.run.path, err))
	}
	return true
}

// Seek moves before the first entry whose key is key or behind it.
func (w *walker) Seek(key []byte) {
	w.pending = false
	if w.err != nil || !w.load(w.blocks.seek(key)) {
		return
	}
	for w.step() {
		if bytes.Compare(w.Key, key) >= 0 {
			w.pending = true
			return
		}
	}
}

// Next moves to the next entry. It is false at the end and after an error.
func (w *walker) Next() bool {
	if w.pending {
		w.pending = false
		return true
	}
	if w.err != nil || w.blocks.cursor == nil && !w.load(w.blocks.seek(nil)) {
		return false
	}
	return w.step()
}

func (w *walker) step() bool {
	for w.reader.rest() == 0 {
		if w.err != nil || !w.load(w.blocks.next()) {
			return false
		}
	}
	key, err := w.reader.next()
	if err != nil {
		return w.fail(fmt.Errorf("%s: %w", w.blocks.run.path, err))
	}
	w.Key = key
	return true
}

// A RecordCursor walks records in order, or by ordinal.
type RecordCursor struct {
	walker
	records recordReader
}

// Records returns a cursor before the first record.
func (r *Run) Records() *RecordCursor {
	c := &RecordCursor{walker: walker{blocks: blocks{run: r, bucket: bucketRrset}}}
	c.reader = &c.records
	return c
}

// Figures are those of the record, valid until the next step.
func (c *RecordCursor) Figures() *rrset.Figures { return &c.records.figures }

// Ordinal is that of the record.
func (c *RecordCursor) Ordinal() uint32 { return c.records.ordinal - 1 }

// To moves to the record with an ordinal. Ascending ordinals cost one pass.
func (c *RecordCursor) To(ordinal uint32) bool {
	c.pending = false
	if c.err != nil {
		return false
	}
	if c.Key != nil && c.Ordinal() == ordinal {
		return true
	}
	r := &c.records
	if c.blocks.cursor == nil || ordinal < r.ordinal || ordinal-r.ordinal >= uint32(r.left) {
		if !c.load(c.blocks.seekOrdinal(ordinal)) {
			return false
		}
	}
	for r.left > 0 && r.ordinal <= ordinal {
		if !c.step() {
			return false
		}
	}
	if c.Key == nil || c.Ordinal() != ordinal {
		return c.fail(fmt.Errorf("%w: %s: no record has ordinal %d", ErrDamaged, c.blocks.run.path, ordinal))
	}
	return true
}

// A PostingCursor walks the entries of the index by rdata. The same key may come several
// times in a row, with ordinals that go on ascending.
type PostingCursor struct {
	walker
	postings postingReader
}

// Postings returns a cursor before the first entry of the index by rdata.
func (r *Run) Postings() *PostingCursor {
	c := &PostingCursor{walker: walker{blocks: blocks{run: r, bucket: bucketRdata}}}
	c.reader = &c.postings
	return c
}

// Ordinals are those of the entry, valid until the next step.
func (c *PostingCursor) Ordinals() []uint32 { return c.postings.list }

// Ahead moves on to the first record whose key is key or behind it if it is in the
// block that the cursor is in. If it is not, the cursor is of no use before Seek.
func (c *RecordCursor) Ahead(key []byte) bool {
	for c.err == nil && c.reader.rest() > 0 && c.step() {
		if bytes.Compare(c.Key, key) >= 0 {
			return true
		}
	}
	return false
}
