(** * T13: the equilibrium energy *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation.

Section Equilibrium.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Variable prec : nat -> R.   (* the precision of the error of layer [n+1] *)

(** The inference energy [1/2 sum_n prec_n ||e_(n+1)||^2], the output being clamped. *)
Definition clamped_energy (W : weights net) (h : activities net) : R :=
  2^-1 * \sum_(n < depth net) prec n * nsq (err W h n).

(** Local equilibrium of the hidden layers: [prec_n e_n = act'(h_n)^* (W_n^T prec_(n+1) e_(n+1))]. *)
Definition clamped_equilibrium (W : weights net) (h : activities net) : Prop :=
  forall n, (n.+1 < depth net)%N ->
    prec n *: err W h n = bact bw (h n.+1) ((W n.+1)^T *m (prec n.+1 *: err W h n.+1)).

Variables (Wt : R -> weights net) (V : weights net).
Variables (ht : R -> activities net) (U : activities net).
Hypothesis Wcurve : forall n, (n < depth net)%N -> deriv (fun t => Wt t n) (V n).
Hypothesis hcurve : forall n, (n <= depth net)%N -> deriv (fun t => ht t n) (U n).
Hypothesis input_clamped : U 0%N = 0.
Hypothesis output_clamped : U (depth net) = 0.
Let h := ht 0.
Let W := Wt 0.
Hypothesis smooth : smooth_at bw h.

(* The part of the derivative of a layer's term that comes from the activity below. *)
Let below n := dot (bact bw (h n) ((W n)^T *m (prec n *: err W h n))) (U n).

Lemma clamped_term n : (n < depth net)%N ->
  sderiv (fun t => prec n * nsq (err (Wt t) (ht t) n))
    (2 * (dot (prec n *: err W h n) (U n.+1) - below n
          + dot (- (prec n *: err W h n *m (act (h n))^T)) (V n))).
Proof.
move=> ln; set dA := dact bw (h n) (U n).
have da : deriv (fun t => act (ht t n)) dA.
  apply: (deriv_comp (F := @act _ _ net n)) (hcurve (ltnW ln)); first exact: dact_linear.
  exact: smooth.1.
have de : deriv (fun t => err (Wt t) (ht t) n) (U n.+1 - (V n *m act (h n) + W n *m dA)).
  by apply: derivD (hcurve ln) _; apply: derivN; apply: derivM (Wcurve ln) da.
have := sderivZ (prec n) (sderiv_nsq de).
have -> // : prec n * (2 * dot (err (Wt 0) (ht 0) n) (U n.+1 - (V n *m act (h n) + W n *m dA))) =
   2 * (dot (prec n *: err W h n) (U n.+1) - below n
          + dot (- (prec n *: err W h n *m (act (h n))^T)) (V n)).
rewrite -/h -/W /below (dotC (bact _ _ _)) -bact_adjoint -/dA.
rewrite -scalemxAr -scalemxAl dotNl !dotZl dotZr dotBr dotDr.
have -> : dot dA ((W n)^T *m err W h n) = dot (err W h n) (W n *m dA) by rewrite -dot_mull dotC.
have -> : dot (err W h n *m (act (h n))^T) (V n) = dot (err W h n) (V n *m act (h n)).
  by rewrite dot_mulr trmxK.
by ring.
Qed.

Lemma envelope : clamped_equilibrium W h ->
  sderiv (fun t => clamped_energy (Wt t) (ht t))
    (wdot (fun n => - (prec n *: err W h n *m (act (h n))^T)) V).
Proof.
move=> eq; pose c n := if (n < depth net)%N then below n else 0.
have tele : \sum_(n < depth net) (dot (prec n *: err W h n) (U n.+1) - below n) = 0.
  have -> : \sum_(n < depth net) (dot (prec n *: err W h n) (U n.+1) - below n)
      = \sum_(n < depth net) (c n.+1 - c n).
    apply: eq_bigr => n _; rewrite /c ltn_ord; congr (_ - _).
    case: (ltngtP n.+1 (depth net)) (ltn_ord n) => [lt _|//|en _].
    - by rewrite (eq n lt).
    - have Uz m : m = depth net -> U m = 0 by move=> ->.
      by rewrite (Uz _ en) dot0r.
  rewrite -(big_mkord xpredT (fun n => c n.+1 - c n)) telescope_sumr // /c ltnn sub0r.
  by rewrite /below input_clamped dot0r if_same oppr0.
have := sderivZ 2^-1 (sderiv_sum (fun n : 'I_(depth net) => clamped_term (ltn_ord n))).
rewrite -mulr_sumr big_split /= tele add0r mulrA mulVf ?pnatr_eq0 // mul1r.
by [].
Qed.

End Equilibrium.

(** Equilibrium is stationarity: the clamped energy has derivative 0 along every differentiable
    curve of activities that is clamped at both ends. *)
Theorem T13_equilibrium_stationary (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (prec : nat -> R) (W : weights net) (ht : R -> activities net)
    (U : activities net) :
  (forall n, (n <= depth net)%N -> deriv (fun t => ht t n) (U n)) ->
  U 0%N = 0 -> U (depth net) = 0 ->
  smooth_at bw (ht 0) -> clamped_equilibrium bw prec W (ht 0) ->
  sderiv (fun t => clamped_energy prec W (ht t)) 0.
Proof.
move=> c2 u0 uN sm eq.
have := envelope (Wt := fun=> W) (V := fun=> 0) (fun n _ => deriv_const _) c2 u0 uN sm eq.
by rewrite /wdot big1 // => n _; rewrite dot0r.
Qed.

(* From the feedforward pass with the output clamped, only the last error is not zero. *)
Lemma clamped_start (R : realFieldType) (B : nat) (net : network R B) (W : weights net)
    (start : activities net) m : (0 < m)%N ->
  (forall n, (n < m)%N -> start n = forward W n) ->
  \sum_(n < m) nsq (err W start n) = nsq (start m - forward W m).
Proof.
case: m => // m _ st; rewrite big_ord_recr /= big1 ?add0r => [|n _].
  by rewrite /err (st m (ltnSn m)).
have ln := ltn_ord n.
by rewrite /err (st n.+1 ln) (st n (ltnW ln)) /= subrr nsq0.
Qed.

(** First part: with unit precisions, activities whose energy is at most that of the clamped
    feedforward pass have energy at most [1/2 ||h_N - p_N||^2], the squared error. *)
Theorem T13_bound (R : realFieldType) (B : nat) (net : network R B) (W : weights net)
    (start h : activities net) :
  (0 < depth net)%N -> (forall n, (n < depth net)%N -> start n = forward W n) ->
  clamped_energy (fun=> 1) W h <= clamped_energy (fun=> 1) W start ->
  clamped_energy (fun=> 1) W h <= squared_error (start (depth net)) (forward W (depth net)).
Proof.
move=> N0 st; rewrite [X in _ <= X -> _]/clamped_energy.
under [X in _ <= 2^-1 * X -> _]eq_bigr do rewrite mul1r.
by rewrite clamped_start // /squared_error nsq_sym.
Qed.

(** Second part (envelope): along any differentiable curve of weights, with activities that move
    differentiably, clamped at both ends, and are in equilibrium at [t = 0], the energy has the
    gradient [- prec_n e_(n+1) (bar a_n)^T]. *)
Theorem T13_equilibrium_energy (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (prec : nat -> R)
    (Wt : R -> weights net) (V : weights net) (ht : R -> activities net) (U : activities net) :
  (forall n, (n < depth net)%N -> deriv (fun t => Wt t n) (V n)) ->
  (forall n, (n <= depth net)%N -> deriv (fun t => ht t n) (U n)) ->
  U 0%N = 0 -> U (depth net) = 0 ->
  smooth_at bw (ht 0) -> clamped_equilibrium bw prec (Wt 0) (ht 0) ->
  sderiv (fun t => clamped_energy prec (Wt t) (ht t))
    (wdot (fun n => - (prec n *: err (Wt 0) (ht 0) n *m (act (ht 0 n))^T)) V).
Proof. by move=> c1 c2 u0 uN sm eq; exact: (envelope c1 c2 u0 uN sm eq). Qed.
