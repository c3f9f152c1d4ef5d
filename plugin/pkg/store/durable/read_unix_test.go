//go:build unix

package durable

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("file"), []byte("state"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("huge"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path("huge"), 40<<30); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"file": "", "pipe": "want a file", "huge": "want at most", "none": "no such file", ".": "want a file"} {
		b, err := ReadFile(path(name))
		if want == "" && (err != nil || string(b) != "state") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q, %v; want %q", name, b, err, want)
		}
	}
}
