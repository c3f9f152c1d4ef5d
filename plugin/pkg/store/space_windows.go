package store

import (
	"math"

	sys "golang.org/x/sys/windows"
)

// freeBytes is what this user may still write to the volume of dir.
func freeBytes(dir string) (n int64, known bool) {
	path, err := sys.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if sys.GetDiskFreeSpaceEx(path, &free, nil, nil) != nil {
		return 0, false
	}
	return int64(min(free, math.MaxInt64)), true
}
