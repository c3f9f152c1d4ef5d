// Package process holds what only whole processes can show: signals, crashes,
// two processes at one directory, a disk that is full or read-only, and that no
// client leaves a trace. It needs nothing but Go.
package process

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

var binaries *lab.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	return m.Run()
}

func newSite(t testing.TB) *lab.Site {
	t.Helper()
	return lab.NewSite(t, binaries)
}

// mustSay fails the test where a message lacks one of the words.
func mustSay(t *testing.T, message string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(message, w) {
			t.Errorf("no %q in:\n%s", w, message)
		}
	}
}
