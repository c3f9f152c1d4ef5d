//go:build unix

package run

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestFinishSwapped: a link that took the place of the file being written is not
// followed.
func TestFinishSwapped(t *testing.T) {
	path, victim := filepath.Join(t.TempDir(), "a.run"), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("victim"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := Create(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if err := os.Remove(path + ".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, path+".tmp"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(time.Now(), nil); err == nil {
		t.Error("finished")
	}
	if held, err := os.ReadFile(victim); string(held) != "victim" {
		t.Errorf("%d octets, %v behind the link", len(held), err)
	}
}
