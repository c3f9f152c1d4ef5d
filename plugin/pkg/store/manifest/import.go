package manifest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// An Import is what was taken of one file. The file is known by what it held,
// decompressed, and not by its name: so it is recognised when it has grown, was
// renamed or was compressed.
type Import struct {
	Octets uint64   // how far it was read
	Sum    string   // SHA-256 of these octets, in hex
	Head   string   // XXH64 of the first HeadOctets of them, in hex
	Items  uint64   // lines, frames or messages in them: they are in the runs, as far as they count
	Whole  bool     // the file ended there
	At     int64    // when, in Unix seconds
	Choice []string // what of it was to be taken; no comma in any
}

// HeadOctets is how much of a file is enough to see that it is none of those
// imported.
const HeadOctets = 1024

const (
	wholeWord = "whole"
	partWord  = "part"
)

// MarshalText makes one line of an import: there may be many.
func (i Import) MarshalText() ([]byte, error) {
	extent := partWord
	if i.Whole {
		extent = wholeWord
	}
	line := fmt.Appendf(nil, "%d %s %s %d %s %d ", i.Octets, i.Sum, i.Head, i.Items, extent, i.At)
	return append(line, strings.Join(i.Choice, ",")...), nil
}

// UnmarshalText reads what MarshalText has made.
func (i *Import) UnmarshalText(line []byte) error {
	f := strings.SplitN(string(line), " ", 7)
	if len(f) < 7 || f[4] != wholeWord && f[4] != partWord {
		return fmt.Errorf("import %.80q: want octets, sum, head, items, whole or part, time and choice", line)
	}
	octets, bad1 := strconv.ParseUint(f[0], 10, 64)
	items, bad2 := strconv.ParseUint(f[3], 10, 64)
	at, bad3 := strconv.ParseInt(f[5], 10, 64)
	if err := cmp.Or(bad1, bad2, bad3); err != nil {
		return fmt.Errorf("import %.80q: %w", line, err)
	}
	*i = Import{octets, f[1], f[2], items, f[4] == wholeWord, at, strings.Split(f[6], ",")}
	return nil
}
