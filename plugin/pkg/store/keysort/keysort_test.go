package keysort_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"example.org/pdns/plugin/pkg/store/keysort"
)

// TestSort compares with a plain sort: keys that begin alike for long, that are the
// beginnings of others, that end in zeros, that are equal.
func TestSort(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var keys [][]byte
		for range 300 {
			key := bytes.Repeat([]byte("com\x00example\x00"), rng.IntN(4))
			for range rng.IntN(40) {
				key = append(key, byte(rng.IntN(2)))
			}
			keys = append(keys, key)
		}
		var items []keysort.Item
		var want []int
		for i, k := range keys {
			items = append(items, keysort.New(k, uint32(i), uint32(i)))
			want = append(want, i)
		}
		rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		slices.SortFunc(want, func(i, j int) int { return cmp.Or(bytes.Compare(keys[i], keys[j]), cmp.Compare(i, j)) })
		keysort.Sort(items, func(i *keysort.Item) []byte { return keys[i.A] })
		for n, i := range items {
			if int(i.A) != want[n] {
				t.Fatalf("seed %d: place %d has key %x, want %x", seed, n, keys[i.A], keys[want[n]])
			}
			var start, wantStart [keysort.AtHand]byte
			i.Start(&start)
			copy(wantStart[:], keys[i.A])
			if start != wantStart {
				t.Fatalf("seed %d: %x begins as %x", seed, keys[i.A], start)
			}
		}
	}
}

// BenchmarkSort sorts keys of a million names, against comparisons of whole keys.
func BenchmarkSort(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	keys := make([][]byte, 1_000_000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "com\x00tracker%d\x00metrics\x00%016x\x00\x00\x00\x01", rng.IntN(100), rng.Uint64())
	}
	b.Run("keysort", func(b *testing.B) {
		for b.Loop() {
			items := make([]keysort.Item, len(keys))
			for i, k := range keys {
				items[i] = keysort.New(k, uint32(i), 0)
			}
			keysort.Sort(items, func(i *keysort.Item) []byte { return keys[i.A] })
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			slices.SortFunc(slices.Clone(keys), bytes.Compare)
		}
	})
}
