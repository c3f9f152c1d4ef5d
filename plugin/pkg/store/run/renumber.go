package run

// A renumbering leads from the ordinals of a run to those in what it is merged
// into. Both ascend, so that it is enough to know which of the new ones the run
// had a part in, and which of the old ones were kept.
type renumbering struct {
	n    uint32  // old ordinals
	new  *bitset // new ordinals with a part of this run
	kept *bitset // old ordinals that have a new one; nil: all
}

// newRenumbering is one without ordinals, of a merge of so many records.
func newRenumbering(total uint64, drops bool) *renumbering {
	r := &renumbering{new: newBitset(total)}
	if drops {
		r.kept = newBitset(0)
	}
	return r
}

// add gives the next old ordinal its new one.
func (r *renumbering) add(ordinal uint32) {
	r.new.set(ordinal)
	if r.kept != nil {
		r.kept.set(r.n)
	}
	r.n++
}

// drop says that the next old ordinal has no new one.
func (r *renumbering) drop() { r.n++ }

// to returns the new ordinal of an old one below n; false if it was dropped.
func (r *renumbering) to(old uint32) (uint32, bool) {
	if r.kept != nil {
		if !r.kept.has(old) {
			return 0, false
		}
		old = r.kept.rank(old)
	}
	return r.new.nth(old), true
}
