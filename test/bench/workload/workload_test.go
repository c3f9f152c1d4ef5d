package workload_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/bench/workload"
)

// names are real ones if PDNS_TEST_DATA names a folder that has them.
func names(t testing.TB) *workload.Names {
	t.Helper()
	n, err := workload.ReadNames("", "")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// all are the records of everything that g makes.
func all(g *workload.Generator) (records []string) {
	for r := g.Next(); r != nil; r = g.Next() {
		records = append(records, string(workload.AppendRecord(nil, r)))
	}
	return records
}

func TestSeeds(t *testing.T) {
	n := names(t)
	sums := map[[sha256.Size]byte]string{}
	for _, mode := range []workload.Mode{workload.New, workload.Observations} {
		for _, seed := range []uint64{1, 2} {
			c := workload.Config{Seed: seed, Mode: mode, Total: 20_000, Names: n}
			first := strings.Join(all(workload.NewGenerator(c)), "")
			if again := strings.Join(all(workload.NewGenerator(c)), ""); again != first {
				t.Errorf("%s, seed %d: made something else the second time", mode, seed)
			}
			sum := sha256.Sum256([]byte(first))
			if other, ok := sums[sum]; ok {
				t.Errorf("%s, seed %d: the same as %s", mode, seed, other)
			}
			sums[sum] = string(mode)
		}
	}
}

// TestParts: however many there are, together they make the same.
func TestParts(t *testing.T) {
	for _, mode := range []workload.Mode{workload.New, workload.Observations} {
		c := workload.Config{Mode: mode, Total: 10_000, PerDay: 1000, Names: names(t)}
		whole := all(workload.NewGenerator(c))
		if len(whole) != int(c.Total) {
			t.Errorf("%d observations, want %d", len(whole), c.Total)
		}
		slices.Sort(whole)
		for _, n := range []int{2, 3, 16} {
			var together []string
			for _, part := range workload.Parts(c, n) {
				together = append(together, all(part)...)
			}
			if slices.Sort(together); !slices.Equal(together, whole) {
				t.Errorf("%s: %d parts make something else than one", mode, n)
			}
		}
	}
}

// TestTime: observations go on evenly from day to day.
func TestTime(t *testing.T) {
	const perDay, days = 5000, 40
	last, count := workload.Start.Unix(), map[int64]int{}
	g := workload.NewGenerator(workload.Config{Mode: workload.Observations, Total: perDay * days, PerDay: perDay, Names: names(t)})
	for r := g.Next(); r != nil; r = g.Next() {
		if r.First < last || r.Last != r.First || r.Count != 1 {
			t.Fatalf("seen from %d to %d, %d times, after %d", r.First, r.Last, r.Count, last)
		}
		last = r.First
		count[(r.First-workload.Start.Unix())/86400]++
	}
	for day := range int64(days) {
		if count[day] != perDay {
			t.Errorf("day %d: %d observations", day, count[day])
		}
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadNames(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string { return write(t, filepath.Join(dir, name), content) }
	domains, hosts := file("domains", "first.example\nSecond.test\n"), file("hosts", "900 api\n  1 a.b\n")
	n, err := workload.ReadNames(domains, hosts)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	g := workload.NewGenerator(workload.Config{Total: 200_000, Names: n})
	for r := g.Next(); r != nil; r = g.Next() {
		found[rrset.NameString(r.Owner)] = true
	}
	for _, name := range []string{"first.example.", "second.test.", "api.first.example.", "a.b.second.test."} {
		if !found[name] {
			t.Errorf("%s is not among %d names", name, len(found))
		}
	}
}

// TestLongNames: names are never too long, however long those are that they are made
// of.
func TestLongNames(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string { return write(t, filepath.Join(dir, name), content) }
	long := strings.Repeat("l", 39)
	domains, hosts := file("domains", long+"."+long+".example\n"+strings.Repeat(long+".", 4)+"example\n"), file("hosts", "1 "+long+"\n1 l"+long+"\n")
	n, err := workload.ReadNames(domains, hosts)
	if err != nil {
		t.Fatal(err)
	}
	g := workload.NewGenerator(workload.Config{Total: 50_000, Names: n})
	for r := g.Next(); r != nil; r = g.Next() {
		if err := rrset.CheckName(r.Owner); err != nil {
			t.Fatalf("%q: %v", r.Owner, err)
		}
		for _, rdata := range r.Rdata {
			if err := rrset.CheckRdata(r.Type, rdata); err != nil {
				t.Fatalf("%q: %v", rdata, err)
			}
		}
	}
}

func TestNamesErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string { return write(t, filepath.Join(dir, name), content) }
	domains, hosts := file("domains", "first.example\n"), file("hosts", "900 api\n")
	empty, long := file("empty", ""), file("long", "a.example\n"+strings.Repeat("l", 64)+".example\n")
	words := file("words", "900 api\nwww\n")
	for _, bad := range []struct{ domains, hosts, want string }{
		{filepath.Join(dir, "none"), hosts, "no such file"},
		{empty, hosts, empty + ": no names"},
		{long, hosts, long + ":2: malformed name"},
		{domains, words, words + `:2: "www": want a count and a label`},
	} {
		if _, err := workload.ReadNames(bad.domains, bad.hosts); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%v, want %q", err, bad.want)
		}
	}
}

// TestMadeUpNames: without lists there are names, too.
func TestMadeUpNames(t *testing.T) {
	t.Setenv("PDNS_TEST_DATA", "")
	n, err := workload.ReadNames("", "")
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]bool{}
	g := workload.NewGenerator(workload.Config{Total: 10_000, Names: n})
	for r := g.Next(); r != nil; r = g.Next() {
		if bytes.HasPrefix(r.Owner, []byte("\x03www")) {
			owners[string(r.Owner)] = true
		}
	}
	if len(owners) < 100 {
		t.Errorf("%d names that begin with www", len(owners))
	}
}
