package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Import is what was taken of one file. The file is known by what it held,
// decompressed, and not by its name: so it is recognised when it has grown, was
// renamed or was compressed.
type Import struct {
	Octets uint64 // how far it was read
	Sum    string // SHA-256 of these octets, in hex
	Head   string // XXH64 of the first HeadOctets of them, in hex
	Items  uint64 // lines, frames or packets in them: they are in the runs, as far as they count
	Extent Extent
	At     int64    // when, in Unix seconds
	Choice []string // what of it was to be taken; no comma in any
}

// An Extent is how far what is in the runs goes.
type Extent string

// The extents.
const (
	Part    Extent = "part"    // to the last item
	Drained Extent = "drained" // and what waited there for items that might come
	Whole   Extent = "whole"   // so too, and the file ended there
)

// HeadOctets is how much of a file is enough to see that it is none of those
// imported.
const HeadOctets = 1024

// MarshalText makes one line of an import: there may be many.
func (i Import) MarshalText() ([]byte, error) {
	line := fmt.Appendf(nil, "%d %s %s %d %s %d ", i.Octets, i.Sum, i.Head, i.Items, i.Extent, i.At)
	return append(line, strings.Join(i.Choice, ",")...), nil
}

// UnmarshalText reads what MarshalText has made.
func (i *Import) UnmarshalText(line []byte) error {
	f := strings.SplitN(string(line), " ", 7)
	if len(f) < 7 || !slices.Contains([]Extent{Part, Drained, Whole}, Extent(f[4])) {
		return fmt.Errorf("import %.80q: want octets, sum, head, items, part, drained or whole, time and choice", line)
	}
	octets, bad1 := strconv.ParseUint(f[0], 10, 64)
	items, bad2 := strconv.ParseUint(f[3], 10, 64)
	at, bad3 := strconv.ParseInt(f[5], 10, 64)
	if err := cmp.Or(bad1, bad2, bad3); err != nil {
		return fmt.Errorf("import %.80q: %w", line, err)
	}
	*i = Import{octets, f[1], f[2], items, Extent(f[4]), at, strings.Split(f[6], ",")}
	return nil
}
