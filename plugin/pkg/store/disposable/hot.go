package disposable

// Bounds of what is recorded of one owner and type.
const (
	members    = 8  // times Combinations of single rdata are recorded, then a sample of them
	usualRdata = 32 // an RRset of more rdata counts for as many as it has times that
	hotKnocks  = 32 // how often an owner and type has RRsets new to the memtable before they are counted
)

// memberSet tells the key of the members of an owner and type from that of its
// RRsets.
const memberSet = 1 << 63

// Whole counts an RRset, by its record key of which owner and type take the first
// n octets, and reports whether it is recorded as it was seen. Beyond the
// Combinations of its owner and type only a sample of these RRsets is, always the
// same ones; the others are recorded rdata by rdata.
func (t *Tracker) Whole(key []byte, n, rdata int, p *Policy) bool {
	set := t.hash(key[:n])
	if rdata == 0 || !t.hot.tracks(set, max(1, min(hotKnocks, p.Combinations/16))) {
		return true
	}
	rrset := t.hash(key)
	limit := max(1, p.Combinations*usualRdata/max(usualRdata, rdata))
	return sampled(rrset, t.hot.see(set, rrset, 1).names, limit)
}

// Member counts an RRset of one rdata that takes the place of a larger one, or is
// one of too many, and reports whether it is recorded.
func (t *Tracker) Member(key []byte, n int, p *Policy) bool {
	set, rrset := t.hash(key[:n])^memberSet, t.hash(key)
	return sampled(rrset, t.hot.see(set, rrset, 1).names, members*p.Combinations)
}

// sampled reports whether an element is one of about limit that are chosen from n,
// by its hash alone: the same is chosen again, unless there are many more by then.
func sampled(hash, n uint64, limit int) bool {
	return n <= uint64(limit) || hash < ^uint64(0)/n*uint64(limit)
}
