package memtable

import "golang.org/x/sys/unix"

// mapPage maps a page, or makes one on the heap if the system gives none.
func mapPage() []byte {
	p, err := unix.Mmap(-1, 0, pageLen, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make([]byte, pageLen)
	}
	return p
}

// giveBack gives the memory of a page to the system until it is written to. An
// error leaves it where it is, which is as good.
func giveBack(p []byte) { unix.Madvise(p, unix.MADV_DONTNEED) }
