package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestMain lets the suite call this program again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestSuite: a small run gives each figure, of each size, in the table and in the
// file.
func TestSuite(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept.json")
	var out, progress bytes.Buffer
	args := []string{
		"-sizes", "0.002,0.02", "-lookups", "50", "-cold", "2", "-drop", "files", "-json", kept,
		"-peers", "bbolt", "-peers-source", t.TempDir(),
	}
	if err := run(context.Background(), args, nil, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	var r report
	text, err := os.ReadFile(kept)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || len(r.Columns) != 2 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, row := range rows {
		for _, c := range r.Columns {
			if strings.HasPrefix(row.keys[0], "window.") && row.keys[0] != "window.hour" {
				continue // it all happens within the hour
			}
			for _, key := range row.keys {
				if c.Figures[key] <= 0 {
					t.Errorf("%s at %d is %v", key, c.Size, c.Figures[key])
				}
			}
			if line := "| " + row.title + " | "; !strings.Contains(out.String(), line) {
				t.Errorf("no %q in\n%s", line, out.String())
			}
		}
	}
	if line := "| bbolt | | | | | | | | left out: "; !strings.Contains(out.String(), line) {
		t.Errorf("no %q in\n%s", line, out.String())
	}
}

// TestInterrupted: what there is so far is printed.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	err := run(ctx, []string{"-sizes", "0.01"}, nil, &out, io.Discard)
	if err == nil || !strings.Contains(out.String(), "| what |") {
		t.Errorf("%v: %q", err, out.String())
	}
}

// TestInterruptedPart: a part that would take hours ends at once.
func TestInterruptedPart(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	go func() {
		for begun := false; !begun; runtime.Gosched() {
			files, _ := os.ReadDir(filepath.Join(dir, "store")) // which is not there at first
			begun = len(files) > 0
		}
		cancel()
	}()
	if err := run(ctx, []string{"-sizes", "1000", "-dir", dir}, nil, io.Discard, io.Discard); err == nil {
		t.Error("no error")
	}
}

func TestFlags(t *testing.T) {
	for _, args := range []string{
		"-sizes 5,1", "-sizes x", "-sizes 0", "-sizes 0.0000001", "-sizes NaN", "-sizes 20000000", "-peer-max -1", "-drop all", "-lookups 0", "-cold -1", "behind", "-none",
	} {
		if c, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("%s: %+v", args, c)
		}
	}
	c, err := parse(strings.Fields("-sizes 0.02,1,5"), io.Discard)
	if err != nil || len(c.sizes) != 3 || c.sizes[0] != 20_000 || c.sizes[2] != 5_000_000 {
		t.Errorf("%v: %v", c, err)
	}
}
