package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A bench collects what its parts find.
type bench struct {
	*config
	report   report
	progress io.Writer
}

// suite measures everything, and prints what there is also where it is interrupted
// or a part of it fails.
func (c *config) suite(ctx context.Context, out, progress io.Writer) error {
	if c.dir == "" {
		dir, err := os.MkdirTemp("", "pdns-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		// The server of a peer may run as another user.
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
		c.dir = dir
	}
	progress = &shared{to: progress}
	b := &bench{config: c, report: report{Machine: machine(), Started: time.Now().UTC()}, progress: progress}
	err := b.sizesOfStore(ctx)
	if ctx.Err() == nil {
		err = errors.Join(err, b.others(ctx))
	}
	if ctx.Err() == nil && c.qps {
		err = errors.Join(err, b.queries(ctx))
	}
	return errors.Join(err, b.keep(), b.report.print(out))
}

// A shared writer is written to by this process and the copies of what others say.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(b)
}

// sizesOfStore fills a store in one process, and at each size asks it in another.
func (b *bench) sizesOfStore(ctx context.Context) (err error) {
	dir := filepath.Join(b.dir, "store")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cmd, err := b.child(ctx, "ingest", "-dir", dir)
	if err != nil {
		return err
	}
	next, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	dec := json.NewDecoder(said)
	for _, size := range b.sizes {
		if err = b.atSize(ctx, dec, dir, size); err != nil {
			break
		}
		if _, err = io.WriteString(next, "\n"); err != nil {
			break
		}
	}
	// Without another line to read, the child ends.
	return errors.Join(err, next.Close(), cmd.Wait())
}

// atSize waits until the store has a size, and asks it.
func (b *bench) atSize(ctx context.Context, dec *json.Decoder, dir string, size uint64) error {
	var f figures
	if err := dec.Decode(&f); err != nil {
		return fmt.Errorf("ingest to %d: %w", size, err)
	}
	b.report.Columns = append(b.report.Columns, column{Size: size, Figures: f})
	if err := b.found(f); err != nil {
		return err
	}
	cmd, err := b.child(ctx, "ask", "-dir", dir, "-sizes", inMillions(size))
	if err != nil {
		return err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		var more figures
		if err = json.Unmarshal(lines.Bytes(), &more); err != nil {
			break
		}
		for k, v := range more {
			f[k] = v
		}
		if err = b.found(more); err != nil {
			break
		}
	}
	return errors.Join(err, lines.Err(), cmd.Wait())
}

// child is this program in a role, with the same flags and others behind them.
func (b *bench) child(ctx context.Context, role string, flags ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append(append([]string{role}, b.args...), flags...)
	return b.command(ctx, self, args...), nil
}

// command ends with ctx, in order if it can.
func (b *bench) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = b.progress
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Minute
	return cmd
}

// found tells what has come, and keeps it.
func (b *bench) found(f figures) error {
	line, err := json.Marshal(f)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "%s %s\n", time.Now().UTC().Format(time.TimeOnly), line)
	return b.keep()
}

// keep writes the results so far into the file that is asked for.
func (b *bench) keep() error {
	if b.json == "" {
		return nil
	}
	text, err := json.MarshalIndent(&b.report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.json+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(b.json+".new", b.json)
}

// queries runs the comparison of whole servers.
func (b *bench) queries(ctx context.Context) error {
	var out bytes.Buffer
	cmd := b.command(ctx, filepath.Join("test", "bench", "qps.sh"))
	cmd.Stdout = &out
	err := cmd.Run()
	b.report.Queries = out.String()
	return err
}
