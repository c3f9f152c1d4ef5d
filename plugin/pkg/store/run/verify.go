package run

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// Check reports the first thing that Verify finds wrong, or that it was ended.
func (r *Run) Check(ctx context.Context) error {
	var first error
	err := r.Verify(ctx, func(place string, err error) {
		if first == nil {
			first = fmt.Errorf("%w: %s: %s: %w", ErrDamaged, r.path, place, err)
		}
	}, nil)
	return cmp.Or(first, err)
}

// Verify reads everything in the run and reports what is wrong and where:
// blocks whose checksum or order does not hold, records that do not decode,
// postings that do not fit the records, filters that deny what is there. It
// goes on behind what is damaged. The progress, which may be nil, is told how
// many records were read. The error is that of the context, which ends it.
func (r *Run) Verify(ctx context.Context, report func(place string, err error), progress func(records uint64)) error {
	v := verifier{ctx: ctx, run: r, report: report, progress: progress}
	if r.impaired != nil {
		report("filters", r.impaired)
	}
	v.records()
	v.postings()
	v.leading()
	if err := ctx.Err(); err != nil {
		return err
	}
	v.totals()
	return nil
}

type verifier struct {
	ctx      context.Context
	run      *Run
	report   func(place string, err error)
	progress func(uint64)
	decoder  record.Decoder
	buf      []byte
	damaged  bool // blocks were lost: totals mean nothing

	count uint64
	last  []byte
	// Sums of a hash over each posting, as records make them and as the index
	// holds them: they agree whatever the order, or something is amiss.
	want, got struct{ postings, leading total }
	segment   segment
}

type total struct{ n, sum uint64 }

func (t *total) add(sum uint64) {
	t.n++
	t.sum += sum
}

func (v *verifier) fail(place string, format string, args ...any) {
	v.report(place, fmt.Errorf(format, args...))
}

// each calls f with every block of a bucket that can be read.
func (v *verifier) each(bucket []byte, f func(place string, key, payload []byte)) {
	b := blocks{run: v.run, bucket: bucket}
	defer b.close()
	key, payload, err := b.first()
	for n := 0; (key != nil || err != nil) && v.ctx.Err() == nil; n++ {
		place := fmt.Sprintf("%s block %d", bucket, n)
		switch {
		case err != nil:
			v.damaged = true
			v.report(place, err)
			if key == nil { // the tree itself is damaged: there is no way on
				return
			}
		default:
			f(place, key, payload)
		}
		key, payload, err = b.following()
	}
}

func (v *verifier) records() {
	v.each(bucketRrset, func(place string, blockKey, payload []byte) {
		var r recordReader
		if err := r.open(payload); err != nil {
			v.damaged = true
			v.report(place, err)
			return
		}
		v.block(place, blockKey, r.ordinal)
		for r.left > 0 {
			key, err := r.next()
			if err != nil {
				v.damaged = true
				v.report(place, err)
				return
			}
			v.record(fmt.Sprintf("%s record %d", place, r.ordinal-1), blockKey, key, &r.figures, r.ordinal-1)
		}
		if v.progress != nil {
			v.progress(v.count)
		}
	})
	v.segment.end(v.wantSegment)
}

// block checks that the ordinal of a block leads to it.
func (v *verifier) block(place string, blockKey []byte, ordinal uint32) {
	err := v.run.guard(func() error {
		at := v.run.pin.Bucket(bucketOrdinal).Get(binary.BigEndian.AppendUint32(nil, ordinal))
		if !bytes.Equal(at, blockKey) {
			return fmt.Errorf("ordinal %d leads to block %x, not %x", ordinal, at, blockKey)
		}
		return nil
	})
	if err != nil {
		v.report(place, err)
	}
}

func (v *verifier) record(place string, blockKey, key []byte, f *rrset.Figures, ordinal uint32) {
	v.count++
	if bytes.Compare(key, v.last) <= 0 && v.count > 1 {
		v.fail(place, "key %x does not ascend", key)
	}
	if bytes.Compare(key, blockKey) < 0 {
		v.fail(place, "key %x sorts before its block's %x", key, blockKey)
	}
	v.last = append(v.last[:0], key...)
	info := &v.run.info
	// A set of names may have had no new one while it was seen.
	none := f.Count == 0 && record.Type(key, record.OwnerLen(key)) != rrset.TypeWildcard
	if f.First > f.Last || f.First < info.First || f.Last > info.Last || none {
		v.fail(place, "figures %+v do not fit the run, from %d to %d", *f, info.First, info.Last)
	}
	r, err := v.decoder.Decode(key)
	if err != nil {
		v.report(place, err)
		return
	}
	if !v.run.MayHoldOwner(key[:record.OwnerLen(key)]) {
		v.fail(place, "owner %s is denied by its filter", rrset.NameString(r.Owner))
	}
	v.expect(place, r, ordinal)
	v.segment.add(key[:record.OwnerLen(key)], ordinal, v.wantSegment)
}

// expect adds up the postings that a record must have.
func (v *verifier) expect(place string, r *rrset.RRset, ordinal uint32) {
	seen := map[string]bool{}
	for _, rd := range r.Rdata {
		v.buf = record.RdataKeys(v.buf, r.Type, rd, func(key []byte) {
			if seen[string(key)] {
				return
			}
			seen[string(key)] = true
			v.want.postings.add(postingHash(key, ordinal))
			if !v.run.MayHoldRdata(key[:len(key)-2]) {
				v.fail(place, "rdata key %x is denied by its filter", key)
			}
		})
	}
}

// addSegment adds up the entries of a segment.
func (t *total) addSegment(number uint32, entries []uint32) {
	var number4 [4]byte
	binary.LittleEndian.PutUint32(number4[:], number)
	for _, e := range entries {
		t.add(postingHash(number4[:], e))
	}
}

func (v *verifier) wantSegment(s *segment) error {
	v.want.leading.addSegment(s.number, s.entries)
	return nil
}

// leading reads the index by leading labels, which in format 1 nobody uses.
func (v *verifier) leading() {
	v.each(bucketLeading, func(place string, key, payload []byte) {
		if v.run.format == 1 {
			return
		}
		var b leadingBlock
		if err := b.open(payload); err != nil {
			v.damaged = true
			v.report(place, err)
			return
		}
		if len(b.entries) == 0 || !bytes.Equal(key, leadingKey(b.segment, b.entries[0]>>8)) {
			v.fail(place, "key %x is not that of its first entry", key)
		}
		v.got.leading.addSegment(b.segment, b.entries)
	})
}

func postingHash(key []byte, ordinal uint32) uint64 {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], ordinal)
	return record.FilterHash(key)*0x9e3779b97f4a7c15 ^ record.FilterHash(b[:])
}

func (v *verifier) postings() {
	var last []byte
	v.each(bucketRdata, func(place string, _, payload []byte) {
		var r postingReader
		err := r.open(payload)
		for n := 0; err == nil && r.left > 0; n++ {
			var key []byte
			if key, err = r.next(); err == nil {
				v.entry(fmt.Sprintf("%s entry %d", place, n), last, key, r.list)
				last = append(last[:0], key...)
			}
		}
		if err != nil {
			v.damaged = true
			v.report(place, err)
		}
	})
}

func (v *verifier) entry(place string, last, key []byte, ordinals []uint32) {
	if bytes.Compare(last, key) > 0 {
		v.fail(place, "key %x does not ascend", key)
	}
	for i, o := range ordinals {
		if uint64(o) >= v.run.info.Records || i > 0 && o <= ordinals[i-1] {
			v.fail(place, "ordinal %d does not fit", o)
		}
		v.got.postings.add(postingHash(key, o))
	}
}

// totals compares what was read with what must be there; where blocks were lost
// that has been said already.
func (v *verifier) totals() {
	if v.damaged {
		return
	}
	info := &v.run.info
	if v.count != info.Records {
		v.fail("rrset", "%d records where %d were written", v.count, info.Records)
	}
	if v.want.postings != v.got.postings {
		v.report("rdata", errors.New("the index does not fit the records"))
	}
	if v.want.leading != v.got.leading && v.run.format > 1 {
		v.report("leading", errors.New("the index does not fit the records"))
	}
}
