// Package mtbl is mtbl, the sorted files that dnstable is made of: a sorter makes
// a file of so many records, and a merger makes one of all files. It needs
// Debian's libmtbl-dev and the build tag mtbl.
package mtbl
