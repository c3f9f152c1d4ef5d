package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// repairDir names the store to a child of TestRepairKilled.
const repairDir = "PDNS_TEST_REPAIR_DIR"

// TestRepairKilled kills repairs at any moment, and repairs what they leave: that
// is as good as what one that was not killed leaves.
func TestRepairKilled(t *testing.T) {
	if dir := os.Getenv(repairDir); dir != "" {
		must(t, store.Repair(t.Context(), dir, store.RepairOptions{}))
		return
	}
	harms := map[string]func(t *testing.T, dir string, runs []string){
		"runs": func(t *testing.T, dir string, runs []string) {
			flipAt(t, dir, runs[1], "rdata block")
			cut(t, runs[0], 1024)
		},
		"manifest": func(t *testing.T, dir string, runs []string) {
			cut(t, filepath.Join(dir, "MANIFEST"), 1)
			cut(t, runs[0], 1024)
		},
	}
	for name, harm := range harms {
		t.Run(name, func(t *testing.T) {
			damaged, runs := twoRuns(t)
			harm(t, damaged, runs)
			whole := copyDir(t, damaged)
			begin := time.Now()
			repairChild(t, whole, 0)
			took := time.Since(begin)
			want := left(t, whole)
			for i := range 20 {
				dir := copyDir(t, damaged)
				repairChild(t, dir, took*time.Duration(i+1)/20)
				repair(t, dir, false)
				intact(t, dir)
				if got := left(t, dir); got != want {
					t.Errorf("%d RRsets are left of a repair that was killed and done again, want %d", got, want)
				}
				if _, err := os.Stat(filepath.Join(dir, "damaged", filepath.Base(runs[0]))); err != nil {
					t.Errorf("what was damaged: %v", err)
				}
			}
		})
	}
}

// repairChild repairs a store in a process that is killed after a time, if that
// is not 0.
func repairChild(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRepairKilled$")
	cmd.Env = append(os.Environ(), repairDir+"="+dir)
	must(t, cmd.Start())
	if after > 0 {
		kill := time.AfterFunc(after, func() { cmd.Process.Kill() })
		defer kill.Stop()
	}
	if err := cmd.Wait(); err != nil && after == 0 {
		t.Fatal(err)
	}
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

func left(t *testing.T, dir string) int {
	t.Helper()
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	n, err := walk(src)
	must(t, err)
	return n
}
