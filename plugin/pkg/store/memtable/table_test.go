package memtable_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/record"
)

// key is that of an RRset of an owner of its own, or of one that many share. Some
// are longer than what a table keeps together.
func key(rng *rand.Rand) []byte {
	r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("n%d.test", rng.IntN(300))), Type: uint16(1 + rng.IntN(3)), Rdata: [][]byte{{byte(rng.IntN(4))}}}
	if rng.IntN(200) == 0 {
		r.Rdata = append(r.Rdata, bytes.Repeat([]byte{9}, 60_000), bytes.Repeat([]byte{7}, 20_000))
	}
	return record.AppendKey(nil, r)
}

func seen(at int64) *rrset.Figures { return &rrset.Figures{First: at, Last: at, Count: 1} }

// add is what the store does.
func add(t *memtable.Table, key []byte, at int64) memtable.Outcome {
	if o := t.Update(key, seen(at)); o != memtable.Missing {
		return o
	}
	return t.Insert(key, seen(at), 1)
}

// TestTable compares a table with a map, as it grows and when it is sealed.
func TestTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	table, model := memtable.New(), map[string]*rrset.Figures{}
	defer table.Release()
	for at := range int64(20_000) {
		k := key(rng)
		want := memtable.Held
		if model[string(k)] == nil {
			want, model[string(k)] = memtable.Added, &rrset.Figures{First: at}
		}
		f := model[string(k)]
		f.Last, f.Count = at, f.Count+1
		if got := add(table, k, at); got != want {
			t.Fatalf("%x: outcome %d, want %d", k, got, want)
		}
		if at%500 == 0 {
			compareOwner(t, table, model, k[:record.OwnerLen(k)])
		}
	}
	table.Seal()
	if got := add(table, key(rng), 0); got != memtable.Sealed {
		t.Errorf("outcome %d of a sealed table", got)
	}
	if table.Len() != len(model) || table.Bytes() < 100*len(model) {
		t.Errorf("%d records in %d bytes, want %d", table.Len(), table.Bytes(), len(model))
	}
	sorted := slices.Sorted(maps.Keys(model))
	i := 0
	for k, f := range table.Sorted {
		if string(k) != sorted[i] || *f != *model[sorted[i]] {
			t.Fatalf("record %d: %x %+v, want %x %+v", i, k, f, sorted[i], model[sorted[i]])
		}
		i++
	}
	if i != len(sorted) {
		t.Errorf("%d records in order, want %d", i, len(sorted))
	}
	scanned := map[string]bool{}
	for ref := range table.Scan {
		scanned[string(ref.Key())] = true
	}
	if len(scanned) != len(model) {
		t.Errorf("a scan gave %d records, want %d", len(scanned), len(model))
	}
}

func compareOwner(t *testing.T, table *memtable.Table, model map[string]*rrset.Figures, owner []byte) {
	t.Helper()
	want := 0
	for k := range model {
		if bytes.HasPrefix([]byte(k), owner) {
			want++
		}
	}
	refs := table.Owner(nil, owner)
	if len(refs) != want {
		t.Fatalf("%x: %d records, want %d", owner, len(refs), want)
	}
	for _, ref := range refs {
		if f := model[string(ref.Key())]; f == nil || ref.Figures() != *f {
			t.Fatalf("%x: %+v, want %+v", ref.Key(), ref.Figures(), f)
		}
	}
}

// TestRelease: tables that are let go while others look and add disturb nobody:
// what is found is right as long as it is held, whoever has the pages next.
func TestRelease(t *testing.T) {
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 4))
			for range 20 {
				live(t, rng)
			}
		})
	}
	wg.Wait()
}

// live fills a table beside one who looks into it, and lets it go.
func live(t *testing.T, rng *rand.Rand) {
	table := memtable.New()
	table.Hold()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer table.Release()
		for range 20 {
			for ref := range table.Scan {
				if f := ref.Figures(); record.OwnerLen(ref.Key()) == 0 || f.Count == 0 || f.Last < f.First {
					t.Errorf("%x: %+v", ref.Key(), f)
				}
			}
			for _, ref := range table.Owner(nil, rrset.AppendReversed(nil, rrset.MustName("n7.test"))) {
				if !bytes.HasPrefix(ref.Key(), []byte("test\x00n7\x00\x00")) {
					t.Errorf("%x is not below n7.test", ref.Key())
				}
			}
		}
	})
	for at := range int64(2000) {
		add(table, key(rng), at)
	}
	table.Seal()
	table.Release()
	wg.Wait()
	if got := add(table, key(rng), 0); got != memtable.Sealed {
		t.Errorf("outcome %d of a table that is gone", got)
	}
}
