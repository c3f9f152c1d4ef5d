package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// crashDir names the store to a child of TestKill.
const crashDir = "PDNS_TEST_CRASH_DIR"

// TestKill kills a process that flushes and merges as fast as it can, over and
// over, at any moment. Whatever it said was flushed is there afterwards, and
// all that is there is sound.
func TestKill(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(t, dir)
		return
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	promised := 0
	for round := range 12 {
		after := time.Duration(5+rng.IntN(250)) * time.Millisecond
		promised = max(promised, crashOnce(t, dir, after))
		intact(t, dir)
		src, err := store.OpenReader(dir)
		must(t, err)
		for i := 0; i < promised; i += 1 + promised/50 {
			q := store.Query{Subject: store.Owner(rrset.MustName(fmt.Sprintf("n%d.test", i)))}
			if len(answer(t, src, q)) != 1 {
				t.Fatalf("round %d: n%d of %d that were flushed is gone", round, i, promised)
			}
		}
		must(t, src.Close())
	}
	if promised == 0 {
		t.Error("no child lived long enough to flush")
	}
}

// crashOnce runs a child for some time after its first flush and returns how
// many names it had flushed by then.
func crashOnce(t *testing.T, dir string, after time.Duration) (promised int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	var kill *time.Timer
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			continue // the test runner's own words
		}
		promised = n
		if kill == nil {
			kill = time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait()
	if kill == nil {
		t.Fatal("the child never flushed")
	}
	kill.Stop()
	return promised
}

// crashChild adds names n0, n1, ... and says how many it has flushed.
func crashChild(t *testing.T, dir string) {
	s, err := store.Open(dir, store.Options{Flush: time.Hour, Events: store.Events{Error: func(err error) { t.Error(err) }}})
	must(t, err)
	ctx := context.Background()
	for n := 0; ; {
		for range 500 {
			must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 192.0.2.%d", n, n%256))))
			n++
		}
		must(t, s.Flush(ctx))
		fmt.Println(n)
		must(t, s.Merge(ctx, n%2000 == 0, nil))
	}
}
