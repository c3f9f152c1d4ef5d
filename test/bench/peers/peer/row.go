package peer

import (
	"example.org/pdns/plugin/pkg/rrset"
)

// A Row is an RRset as a database with columns has it; tail and TTLs are null
// where there are none.
type Row struct {
	ID, Tail                 []byte
	First, Last, Count, Mark int64
	TTLMin, TTLMax           *int64
}

// Values of the columns id, tail, first, last, count, lowest and highest TTL, and
// marks.
func (e *Entry) Values() []any {
	var tail, low, high any
	if e.Tail != nil {
		tail = e.Tail
	}
	if e.Marks&rrset.HasTTL != 0 {
		low, high = int64(e.TTLMin), int64(e.TTLMax)
	}
	return []any{e.ID, tail, e.First, e.Last, int64(e.Count), low, high, int64(e.Marks)}
}

// Columns are where to scan these columns to.
func (r *Row) Columns() []any {
	return []any{&r.ID, &r.Tail, &r.First, &r.Last, &r.Count, &r.TTLMin, &r.TTLMax, &r.Mark}
}

// Key is the record key.
func (r *Row) Key() []byte { return append(r.ID, r.Tail...) }

// Figures are those of the row.
func (r *Row) Figures() rrset.Figures {
	f := rrset.Figures{First: r.First, Last: r.Last, Count: uint64(r.Count), Marks: rrset.Marks(r.Mark)}
	if r.TTLMin != nil && r.TTLMax != nil {
		f.TTLMin, f.TTLMax = uint32(*r.TTLMin), uint32(*r.TTLMax)
	}
	return f
}
