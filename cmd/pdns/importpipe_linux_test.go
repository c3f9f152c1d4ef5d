package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"
)

// TestInterruptPipe: an import of a pipe that nobody writes to is interrupted.
func TestInterruptPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	check(t, syscall.Mkfifo(pipe, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := &program{err: io.Discard, store: filepath.Join(t.TempDir(), "store")}
	if err := p.importFiles(ctx, []string{pipe}, importOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
