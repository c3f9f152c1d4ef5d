package record

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"example.org/pdns/plugin/pkg/rrset"
)

// A reversed owner ends in the labels that the name begins with. By these it is
// found, for right-hand wildcards: by 12 bits of a hash of its first label and 12
// of one of its first two. That leaves few names to look at and is small, since
// such searches are rare and every owner pays for them.

// LeadingHash is that of a reversed owner, 24 bits. The root and names of one label
// have none: no right-hand wildcard matches them.
func LeadingHash(reversed []byte) (hash uint32, ok bool) {
	labels := reversed[:max(len(reversed)-1, 0)]
	first := lastLabel(labels)
	both := lastLabel(labels[:first])
	if both == first {
		return 0, false
	}
	return leadingHash(labels[first:], labels[both:]), true
}

// lastLabel is where the last label of a reversed name begins.
func lastLabel(labels []byte) int {
	return bytes.LastIndexByte(labels[:max(len(labels)-1, 0)], 0) + 1
}

func leadingHash(first, both []byte) uint32 {
	return uint32(xxhash.Sum64(first)&0xfff<<12 | xxhash.Sum64(both)&0xfff)
}

// LeadingHashes returns the lowest and the highest hash of names that have more
// labels than these and begin with them, and what the reversed owners of these
// names, and of no others, end in.
func LeadingHashes(labels [][]byte) (lo, hi uint32, suffix []byte) {
	var name []byte
	for _, l := range labels {
		name = append(append(name, byte(len(l))), l...)
	}
	suffix = append([]byte{0}, rrset.AppendReversed(nil, append(name, 0))...)
	within := suffix[1 : len(suffix)-1]
	first := lastLabel(within)
	if len(labels) == 1 {
		lo = leadingHash(within, nil) &^ 0xfff
		return lo, lo | 0xfff, suffix
	}
	lo = leadingHash(within[first:], within[lastLabel(within[:first]):])
	return lo, lo, suffix
}
