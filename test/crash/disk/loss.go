package disk

import (
	"bytes"
	"math/rand/v2"
)

// sector is what a disk writes as a whole.
const sector = 512

// A Loss decides what is there of what was not synced.
type Loss struct {
	Text string
	Name func() bool        // whether a change of names is
	Data func(*file) []byte // content of a file
}

// Losses are the ways in which file systems are known to lose, the worst first.
func Losses() []Loss {
	kept, lost := func() bool { return true }, func() bool { return false }
	return []Loss{
		{"what was not synced is lost", lost, (*file).synced},
		{"names are kept, data is lost", kept, (*file).synced},
		{"names are kept, data is zeros", kept, (*file).zeros},
		{"names are lost, data is kept", lost, (*file).all},
		{"half of the last write is lost", kept, (*file).torn},
		{"nothing is lost", kept, (*file).all},
	}
}

// Random returns n ways to lose that toss a coin for each change of a name and
// each sector. They lose the same by the same seed.
func Random(seed uint64, n int) (losses []Loss) {
	for i := range n {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		coin := func() bool { return rng.IntN(2) == 0 }
		losses = append(losses, Loss{"some is lost", coin, func(f *file) []byte { return f.some(coin) }})
	}
	return losses
}

func (f *file) all() []byte { return f.some(func() bool { return true }) }

func (f *file) synced() []byte { return nonNil(bytes.Clone(f.certain)) }

// zeros is what file systems leave that know the size of a file before they have
// written it.
func (f *file) zeros() []byte {
	b := make([]byte, max(len(f.content), len(f.certain)))
	copy(b, f.certain)
	return nonNil(b[:len(f.content)])
}

func (f *file) torn() []byte {
	b := bytes.Clone(f.certain)
	for i, w := range f.waiting {
		if i == len(f.waiting)-1 && len(w.data) > 1 {
			w.data = w.data[:len(w.data)/2]
		}
		b = w.apply(b)
	}
	return nonNil(b)
}

// some has each sector of each write, and each cut, or not.
func (f *file) some(kept func() bool) []byte {
	b := bytes.Clone(f.certain)
	for _, w := range f.waiting {
		if w.cut {
			if kept() {
				b = w.apply(b)
			}
			continue
		}
		for at := 0; at < len(w.data); at += sector {
			part := write{at: w.at + int64(at), data: w.data[at:min(at+sector, len(w.data))]}
			if kept() {
				b = part.apply(b)
			}
		}
	}
	return nonNil(b)
}

// nonNil tells an empty file from a directory.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
