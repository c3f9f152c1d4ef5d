package peer

import (
	"encoding/binary"
	"errors"

	"example.org/pdns/plugin/pkg/rrset"
)

// AppendFigures appends the form that figures have as the value of a key: first,
// last less first, count, lowest TTL, highest less lowest, as varints, and a byte
// of marks. cfigures/figures.h reads and writes the same.
func AppendFigures(dst []byte, f rrset.Figures) []byte {
	dst = binary.AppendUvarint(dst, uint64(f.First))
	dst = binary.AppendUvarint(dst, uint64(f.Last-f.First))
	dst = binary.AppendUvarint(dst, f.Count)
	dst = binary.AppendUvarint(dst, uint64(f.TTLMin))
	dst = binary.AppendUvarint(dst, uint64(f.TTLMax-f.TTLMin))
	return append(dst, byte(f.Marks))
}

var errFigures = errors.New("malformed figures")

// ParseFigures reads what AppendFigures wrote.
func ParseFigures(b []byte) (rrset.Figures, error) {
	var v [5]uint64
	for i := range v {
		var n int
		if v[i], n = binary.Uvarint(b); n <= 0 {
			return rrset.Figures{}, errFigures
		}
		b = b[n:]
	}
	if len(b) != 1 {
		return rrset.Figures{}, errFigures
	}
	return rrset.Figures{
		First: int64(v[0]), Last: int64(v[0] + v[1]), Count: v[2],
		TTLMin: uint32(v[3]), TTLMax: uint32(v[3] + v[4]), Marks: rrset.Marks(b[0]),
	}, nil
}

// MergeFigures appends the sum of two values to dst.
func MergeFigures(dst, a, b []byte) ([]byte, error) {
	f, err := ParseFigures(a)
	if err != nil {
		return dst, err
	}
	g, err := ParseFigures(b)
	if err != nil {
		return dst, err
	}
	f.Add(&g)
	return AppendFigures(dst, f), nil
}
