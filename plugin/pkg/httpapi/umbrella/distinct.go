package umbrella

import "hash/maphash"

// maxKept is how many different names are counted exactly.
const maxKept = 1 << 16

var seed = maphash.MakeSeed()

// distinct counts how many different texts there are. Beyond maxKept it keeps the
// hashes of a sample that it halves whenever it is full (Wegman's adaptive sampling:
// Flajolet, 1990), so that memory is bounded. Its zero value is ready.
type distinct struct {
	kept  map[uint64]struct{}
	level uint // the lowest bits of hashes that are kept are zero
}

func (d *distinct) add(text []byte) {
	h := maphash.Bytes(seed, text)
	if !d.wants(h) {
		return
	}
	if d.kept == nil {
		d.kept = map[uint64]struct{}{}
	}
	d.kept[h] = struct{}{}
	for len(d.kept) > maxKept {
		d.level++
		for h := range d.kept {
			if !d.wants(h) {
				delete(d.kept, h)
			}
		}
	}
}

func (d *distinct) wants(h uint64) bool { return h&(1<<d.level-1) == 0 }

func (d *distinct) count() int { return len(d.kept) << d.level }
