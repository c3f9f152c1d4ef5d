package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.org/pdns/plugin/pkg/store"
)

// smallDisk mounts a file system of a size; only root may.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); errors.Is(err, unix.EPERM) {
		t.Skip("mounting needs root")
	} else {
		must(t, err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

// ballast takes the room of a disk but for so many octets.
func ballast(t *testing.T, disk string, leave int64) string {
	t.Helper()
	var st unix.Statfs_t
	must(t, unix.Statfs(disk, &st))
	path := filepath.Join(disk, "ballast")
	must(t, os.WriteFile(path, make([]byte, int64(st.Bavail)*st.Bsize-leave), 0o600))
	return path
}

// hashed adds so many names that do not compress, and writes them to a run.
func hashed(t *testing.T, s *store.Store, what string, n int) {
	t.Helper()
	for i := range n {
		must(t, s.Add(line(t, fmt.Sprintf("%.24x.test. A 100 100 1 192.0.2.1", sha256.Sum256(fmt.Append(nil, what, i))))))
	}
	must(t, s.Flush(t.Context()))
}

// A merge that would not find room, or leave none to flushes, is not begun: the
// disk does not fill up, and recording goes on. When there is room it is made up.
func TestMergePostponed(t *testing.T) {
	disk := smallDisk(t, "8m")
	postponed := make(chan store.PostponedInfo, 100)
	o := store.Options{Flush: time.Hour, Events: store.Events{
		Postponed: func(i store.PostponedInfo) { postponed <- i },
		Error:     func(err error) { t.Error(err) }, // that there is no room is none
	}}
	dir := filepath.Join(disk, "store")
	s := open(t, dir, o)
	hashed(t, s, "a", 10_000)
	hashed(t, s, "b", 10_000)
	weight := ballast(t, disk, 1<<20)
	if err := s.Merge(t.Context(), true, nil); err == nil {
		t.Error("merged without room")
	}
	info := <-postponed
	if info.Runs != 2 || info.Need < 1<<20 || info.Free > 1<<20 || info.Free == 0 {
		t.Errorf("told %+v", info)
	}
	if err := s.MergeWindow(t.Context(), store.Year, nil); err == nil || !has(t, s, store.MergePostponed) {
		t.Errorf("merged without room: %v, told %v", err, has(t, s, store.MergePostponed))
	}
	hashed(t, s, "c", 100)
	if n, err := walk(s); n != 20_100 || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	must(t, os.Remove(weight))
	must(t, s.Close())
	s = open(t, dir, o)
	must(t, s.Merge(t.Context(), true, nil))
	if st, err := s.Stats(); err != nil || len(st.Runs) != 1 || len(st.Conditions) != 0 {
		t.Errorf("%+v, %v: want one run", st, err)
	}
}

// A snapshot of everything that would not find room is not begun.
func TestSnapshotWithoutRoom(t *testing.T) {
	disk := smallDisk(t, "8m")
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	hashed(t, s, "a", 20_000)
	weight := ballast(t, disk, 64<<10)
	path := filepath.Join(disk, "snapshot")
	if err := store.Snapshot(t.Context(), s, path, store.SnapshotOptions{}); err == nil || !strings.Contains(err.Error(), "too little room") {
		t.Errorf("a snapshot without room: %v", err)
	}
	must(t, os.Remove(weight))
	must(t, store.Snapshot(t.Context(), s, path, store.SnapshotOptions{}))
}

// A disk without any room keeps what is recorded in memory, tells so, and loses
// nothing.
func TestFlushWithoutRoom(t *testing.T) {
	disk := smallDisk(t, "8m")
	s := open(t, filepath.Join(disk, "store"), store.Options{Flush: time.Hour})
	hashed(t, s, "a", 1000)
	weight := ballast(t, disk, 0)
	for range 3 {
		must(t, s.Add(line(t, "b.test. A 100 100 1 192.0.2.1")))
		if err := s.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("flushed: %v", err)
		}
	}
	if !has(t, s, store.FlushFailing) {
		t.Error("that flushes fail is not told")
	}
	if n, err := walk(s); n != 1001 || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	must(t, os.Remove(weight))
	must(t, s.Flush(t.Context()))
	if has(t, s, store.FlushFailing) {
		t.Error("that flushes fail is told, and they do not")
	}
	must(t, s.Close())
	intact(t, filepath.Join(disk, "store"))
}
