// Package captures compares what pdns import takes of files with what others
// read in them: tshark of packets, golang-dnstap and miekg/dns of dnstap.
//
// The files are those that the tests make, and the real ones in the folder that
// PDNS_TEST_DATA names, if it does. It needs tshark.
package captures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/lab"
)

// data names the folder of real captures.
const data = "PDNS_TEST_DATA"

var binaries *lab.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if _, err := exec.LookPath("tshark"); err != nil {
		fmt.Fprintf(os.Stderr, "%v: the tests of captures need it\n", err)
		return 1
	}
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	return m.Run()
}

// realFiles are those in the folder of real captures whose names end so. With
// none named there are none.
func realFiles(t *testing.T, endings ...string) (found []string) {
	t.Helper()
	dir := os.Getenv(data)
	if dir == "" {
		return nil
	}
	for _, folder := range []string{"captures", "lab"} {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".zst")
			if slices.Contains(endings, filepath.Ext(name)) {
				found = append(found, filepath.Join(dir, folder, e.Name()))
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s=%s: no %v in it", data, dir, endings)
	}
	return found
}

// imported imports a file into a new store and returns what that holds, and what
// was said. A file that it cannot take as it is may be wrong, but no more.
func imported(t *testing.T, file string, args ...string) (history []*rrset.RRset, said string, code int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	cmd := exec.Command(binaries.PDNS, append([]string{"import", "--store", dir, file}, args...)...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	if code != 0 && code != 2 || bytes.Contains(out, []byte("goroutine ")) {
		t.Fatalf("%s: exit status %d\n%s", file, code, out)
	}
	src, err := store.OpenReader(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, string(out), code
	}
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for r, err := range src.Find(context.Background(), store.Query{Negative: true}) {
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, r.Clone())
	}
	return history, string(out), code
}

// A tally counts RRsets by type: how often one was seen, and how many different
// ones.
type tally map[string]struct{ seen, different int }

func (t tally) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%s: seen %d, different %d\n", name, t[name].seen, t[name].different)
	}
	return b.String()
}

// byType counts a history, but for what did not exist.
func byType(history []*rrset.RRset) tally {
	t := tally{}
	for _, r := range history {
		if rrset.IsNegative(r.Type) {
			continue
		}
		n := t[rrset.TypeString(r.Type)]
		n.seen += int(r.Count)
		n.different++
		t[rrset.TypeString(r.Type)] = n
	}
	return t
}
