package run

import (
	"bytes"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// A RecordCursor walks records in order, or by ordinal. Close it before the run
// closes. It is not safe for concurrent use.
type RecordCursor struct {
	Key     []byte        // of the record; valid until the next step
	Figures rrset.Figures // of the record

	blocks  blocks
	reader  recordReader
	pending bool // Seek has stepped onto the record that Next is to give
	err     error
}

// Records returns a cursor before the first record.
func (r *Run) Records() *RecordCursor {
	return &RecordCursor{blocks: blocks{run: r, bucket: bucketRrset}}
}

// Close ends the cursor.
func (c *RecordCursor) Close() { c.blocks.close() }

// Err is the error that ended the cursor, if one did.
func (c *RecordCursor) Err() error { return c.err }

// Ordinal is that of the record.
func (c *RecordCursor) Ordinal() uint32 { return c.reader.ordinal - 1 }

func (c *RecordCursor) fail(err error) bool {
	c.err = err
	c.pending = false
	c.reader.left = 0
	return false
}

func (c *RecordCursor) load(payload []byte, err error) bool {
	if err != nil {
		return c.fail(err)
	}
	c.Key = nil
	c.reader.left = 0
	if payload == nil {
		return false
	}
	if err := c.reader.open(payload); err != nil {
		return c.fail(fmt.Errorf("%s: %w", c.blocks.run.path, err))
	}
	return true
}

// Seek moves before the first record whose key is key or behind it.
func (c *RecordCursor) Seek(key []byte) {
	c.pending = false
	if !c.load(c.blocks.seek(key)) {
		return
	}
	for c.step() {
		if bytes.Compare(c.Key, key) >= 0 {
			c.pending = true
			return
		}
	}
}

// Next moves to the next record. It is false at the end and after an error.
func (c *RecordCursor) Next() bool {
	if c.pending {
		c.pending = false
		return true
	}
	if c.err != nil {
		return false
	}
	if c.blocks.cursor == nil && !c.load(c.blocks.seek(nil)) {
		return false
	}
	return c.step()
}

func (c *RecordCursor) step() bool {
	for c.reader.left == 0 {
		if c.err != nil || !c.load(c.blocks.next()) {
			return false
		}
	}
	key, err := c.reader.next(&c.Figures)
	if err != nil {
		return c.fail(fmt.Errorf("%s: %w", c.blocks.run.path, err))
	}
	c.Key = key
	return true
}

// To moves to the record with an ordinal. Ascending ordinals cost one pass.
func (c *RecordCursor) To(ordinal uint32) bool {
	c.pending = false
	if c.err != nil {
		return false
	}
	r := &c.reader
	if c.Key != nil && c.Ordinal() == ordinal {
		return true
	}
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
	if c.Ordinal() != ordinal {
		return c.fail(fmt.Errorf("%w: %s: no record has ordinal %d", ErrDamaged, c.blocks.run.path, ordinal))
	}
	return true
}

// A PostingCursor walks the entries of an index. The same key may come several
// times in a row, with ordinals that go on ascending. Close it before the run
// closes. It is not safe for concurrent use.
type PostingCursor struct {
	Key      []byte   // valid until the next step
	Ordinals []uint32 // valid until the next step

	blocks  blocks
	reader  postingReader
	pending bool
	err     error
}

// Postings returns a cursor before the first entry of an index.
func (r *Run) Postings(index Index) *PostingCursor {
	bucket := bucketRdata
	if index == Leading {
		bucket = bucketLeading
	}
	return &PostingCursor{blocks: blocks{run: r, bucket: bucket}}
}

// Close ends the cursor.
func (c *PostingCursor) Close() { c.blocks.close() }

// Err is the error that ended the cursor, if one did.
func (c *PostingCursor) Err() error { return c.err }

func (c *PostingCursor) load(payload []byte, err error) bool {
	c.reader.left = 0
	if err == nil && payload == nil {
		return false
	}
	if err == nil {
		err = c.reader.open(payload)
	}
	if err != nil {
		c.err = fmt.Errorf("%s: %w", c.blocks.run.path, err)
	}
	return err == nil
}

// Seek moves before the first entry whose key is key or behind it.
func (c *PostingCursor) Seek(key []byte) {
	c.pending = false
	if !c.load(c.blocks.seek(key)) {
		return
	}
	for c.step() {
		if bytes.Compare(c.Key, key) >= 0 {
			c.pending = true
			return
		}
	}
}

// Next moves to the next entry. It is false at the end and after an error.
func (c *PostingCursor) Next() bool {
	if c.pending {
		c.pending = false
		return true
	}
	if c.err != nil {
		return false
	}
	if c.blocks.cursor == nil && !c.load(c.blocks.seek(nil)) {
		return false
	}
	return c.step()
}

func (c *PostingCursor) step() bool {
	for c.reader.left == 0 {
		if c.err != nil || !c.load(c.blocks.next()) {
			return false
		}
	}
	key, ordinals, err := c.reader.next(c.Ordinals[:0])
	if err != nil {
		c.err = fmt.Errorf("%s: %w", c.blocks.run.path, err)
		return false
	}
	c.Key, c.Ordinals = key, ordinals
	return true
}
