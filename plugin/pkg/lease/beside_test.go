package lease_test

import (
	"slices"
	"strings"
	"testing"
)

// TestBeside: what stands beside a store starts after it is open and stops before
// it is closed, or handed to another load, whichever way a Corefile ends.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	besides = nil
	s := start(t, "beside one "+dir)
	for _, step := range []struct {
		blocks []string
		fails  bool
		want   string
	}{
		{nil, false, "one starts open"},
		{[]string{"beside two " + dir}, false, "two starts open, one stops open"},
		{[]string{"beside three " + dir, "trouble startup"}, true, "three starts open, three stops open"},
		{[]string{"beside four " + dir, occupied(t)}, true, "four starts open, four stops open"},
		{[]string{"beside five " + dir, "beside broken " + dir}, true,
			"five starts open, broken starts open, five stops open, broken stops open"},
		{[]string{"beside six " + dir, "trouble setup"}, true, ""},
		{[]string{"record " + dir}, false, "two stops open"},
		{[]string{"beside seven " + dir}, false, "seven starts open"},
	} {
		if step.blocks != nil {
			if err := s.reload(step.blocks...); (err != nil) != step.fails {
				t.Fatalf("%v: %v", step.blocks, err)
			}
		}
		wantBeside(t, step.want)
	}
	s.stop()
	wantBeside(t, "seven stops open")
	wantLocked(t, nil, dir)
}

// wantBeside compares what happened since it was called last; stopping what has
// stopped, or never was started, is nothing.
func wantBeside(t *testing.T, want string) {
	t.Helper()
	happened := slices.DeleteFunc(besides, func(what string) bool { return strings.HasSuffix(what, "stops closed") })
	if got := strings.Join(happened, ", "); got != want {
		t.Errorf("happened: %s\nwant: %s", got, want)
	}
	besides = nil
}
