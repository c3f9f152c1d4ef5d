// Package crash disturbs a program that works on a store, at each of its
// operations on files: it is killed there, the operation fails, the power fails.
// What the program had promised must hold whenever it does.
//
// Nothing in the store knows of these tests. A tracer follows a child program
// from outside, as a debugger does, and so sees what bbolt and the standard
// library do as well. The packages below hold one concept each: script, what the
// program does and promises; tracer; disk, what is left when the power fails.
//
// Of a repair, the store that it finds is damaged before, once for all points; when
// it was ended, another has to finish it, and as much is left as if nothing had
// happened.
//
// A point is an operation by what it is, such as the second fsync of
// 00000003.run.tmp. Each is a subtest, which can be run alone:
//
//	go test ./test/crash -run 'TestKill/collect/fsync_var/store/00000003.run.tmp_2$'
//
// By default a sample of the points is taken, which has all kinds of operations
// on all kinds of files; PDNS_CRASH=all takes all, and fails where no program can be
// traced.
package crash
