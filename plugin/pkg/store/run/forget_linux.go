package run

import "golang.org/x/sys/unix"

// forget takes what was looked at of the file out of this process' memory; the
// system may keep it in its own. A merge looks at everything once, and would seem
// to take as much memory as all that it reads.
func (r *Run) forget() {
	if r.dead.Load() {
		return
	}
	// The mapping is the database's: only its place is asked for. An error leaves
	// all as it is.
	unix.Syscall(unix.SYS_MADVISE, r.db.Info().Data, uintptr(r.info.Bytes), unix.MADV_DONTNEED)
}
