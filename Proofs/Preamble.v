(** * What every file begins with

    The libraries that the proofs stand on, and how their notations and arguments are read.  A file imports this one
    first. *)

From mathcomp Require Export all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Export ring.
Export Order.Theory GRing.Theory Num.Theory.

#[export] Set Implicit Arguments.
#[export] Unset Strict Implicit.
#[export] Unset Printing Implicit Defensive.
Global Open Scope ring_scope.
