package feed_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// TestWashed: where much that is new took the room of what was before, whoever begins to
// read the log gives no serial that was given with other content.
func TestWashed(t *testing.T) {
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.")
	begins := func(at int64) *feed.State {
		t.Helper()
		f := feed.NewFollower(n.dir, feed.Options{Zones: []feed.Zone{nod}})
		poll(t, f, begin+at)
		return f.State(nod)
	}
	poll(t, n.Follower, begin)
	if s := begins(20); s.Serial != begin {
		t.Errorf("with room, serial %d", int64(s.Serial)-begin)
	}
	first, err := filepath.Glob(filepath.Join(n.dir, "*"))
	if err != nil || len(first) != 1 {
		t.Fatal(first, err)
	}
	// Batches that a crash left without an end, in as many octets as the log has room for.
	crashed := strings.Repeat(" ", 1<<20-1) + "\n"
	for i := range int64(9) {
		file := filepath.Join(n.dir, fmt.Sprintf("new-names-%012d.log", begin+1+i))
		if err := os.WriteFile(file, []byte(strings.Repeat(crashed, 14)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(first[0]); err != nil {
		t.Fatal(err)
	}
	n.log = novelty.NewLog(n.dir)
	n.write(20, novelty.Domain, "b.example.")
	poll(t, n.Follower, begin+20)
	before, after := n.State(nod), begins(20)
	if before.Serial != begin+20 || before.Len() != 2 || after.Len() != 1 {
		t.Fatalf("serial %d with %d names, then %d names", int64(before.Serial)-begin, before.Len(), after.Len())
	}
	if after.Serial <= before.Serial {
		t.Errorf("serial %d, then %d with other names", before.Serial, after.Serial)
	}
	if _, ok := after.Since(before.Serial); ok {
		t.Error("a difference from what it does not know")
	}
	if later := begins(25); later.Serial <= after.Serial || later.Len() != after.Len() {
		t.Errorf("serial %d with %d names, then %d with %d", after.Serial, after.Len(), later.Serial, later.Len())
	}
}
