(** * T28: covariance learning *)

From Proofs Require Import Preamble Matrices.

(** A covariance: symmetric and positive definite. *)
Definition covariance (R : realFieldType) n (S : 'M[R]_n) : Prop :=
  S^T = S /\ forall v : 'cV[R]_n, v != 0 -> 0 < dot v (S *m v).

(** Weights of units that predict each other and not themselves, and the mean squared error of unit [i] when its prediction
    is [w x] and [x] has mean 0 and covariance [S]: [E (x_i - w x)^2 = (i - w) S (i - w)^T]. *)
Definition no_self (R : realFieldType) n (i : 'I_n) (w : 'rV[R]_n) : Prop := w ord0 i = 0.
Definition regression_error (R : realFieldType) n (S : 'M[R]_n) (i : 'I_n) (w : 'rV[R]_n) : R :=
  \tr ((delta_mx ord0 i - w) *m S *m (delta_mx ord0 i - w)^T).

(** [I - diag(P)^-1 P] for [P = S^-1]. *)
Definition learned_weights (R : realFieldType) n (S : 'M[R]_n) : 'M[R]_n :=
  let P := invmx S in \matrix_(i, j) ((i == j)%:R - (P i i)^-1 * P i j).

Section Covariance.
Variables (R : realFieldType) (n : nat) (S : 'M[R]_n).
Hypothesis cov : covariance S.
Let P := invmx S.

Lemma covariance_unit : S \in unitmx.
Proof.
rewrite -unitmx_tr -row_free_unit; apply/inj_row_free => v v0; apply/eqP.
apply: contraT => vn; have := cov.2 v^T; rewrite -(inj_eq (@trmx_inj _ _ _)) trmxK trmx0 vn => /(_ isT).
by rewrite -[S]trmxK -trmx_mul v0 trmx0 dot0r ltxx.
Qed.

Lemma precision_diagonal i : 0 < P i i.
Proof.
pose v : 'cV[R]_n := col i P.
have Sv : S *m v = delta_mx i ord0.
  by rewrite /v colE mulmxA mulmxV ?covariance_unit // mul1mx.
have vn : v != 0.
  apply/eqP => v0; have := congr1 (fun M : 'cV[R]_n => M i ord0) Sv.
  by rewrite v0 mulmx0 !mxE !eqxx => /esym/eqP; rewrite oner_eq0.
have := cov.2 v vn; rewrite Sv dotE (bigD1 i) //= big_ord_recl big_ord0 addr0 !mxE !eqxx mulr1.
rewrite big1 ?addr0 // => j ne.
by rewrite big_ord_recl big_ord0 addr0 !mxE (negbTE ne) mulr0.
Qed.

(* The prediction error of the learned weights: row [i] of [P], scaled. *)
Lemma learned_row i : delta_mx ord0 i - row i (learned_weights S) = (P i i)^-1 *: row i P.
Proof. by apply/rowP => j; rewrite !mxE eqxx eq_sym opprB addrC subrK. Qed.

Lemma learned_matrix : 1%:M - learned_weights S = diag_mx (\row_i (P i i)^-1) *m P.
Proof. by apply/matrixP => i j; rewrite mul_diag_mx !mxE opprB addrC subrK. Qed.

Lemma learned_no_self i : no_self i (row i (learned_weights S)).
Proof. by rewrite /no_self !mxE eqxx mulVf ?subrr // gt_eqF ?precision_diagonal. Qed.

(* Completing the square in the weights of one unit. *)
Lemma regression_square i w : no_self i w ->
  regression_error S i w = (P i i)^-1
    + \tr ((row i (learned_weights S) - w) *m S *m (row i (learned_weights S) - w)^T).
Proof.
move=> w0; set v := row i (learned_weights S); set D := v - w; set u := delta_mx ord0 i - v.
have -> : regression_error S i w = \tr ((u + D) *m S *m (u + D)^T).
  by rewrite /regression_error /u /D addrA subrK.
have uS : u *m S = (P i i)^-1 *: delta_mx ord0 i.
  by rewrite /u learned_row -scalemxAl rowE -mulmxA mulVmx ?covariance_unit // mulmx1.
have pick (z : 'rV[R]_n) : \tr (u *m S *m z^T) = (P i i)^-1 * z ord0 i.
  by rewrite uS -scalemxAl mxtraceZ -rowE trace_mx11 !mxE.
have D0 : D ord0 i = 0 by rewrite mxE learned_no_self mxE w0 subr0.
have u1 : u ord0 i = 1 by rewrite mxE mxE !eqxx mxE learned_no_self subr0.
have swap : \tr (D *m S *m u^T) = \tr (u *m S *m D^T).
  by rewrite -mxtrace_tr !trmx_mul trmxK cov.1 mulmxA.
rewrite linearD /= mulmxDl mulmxDr mulmxDl !mxtraceD pick u1 mulr1.
by rewrite mulmxDl mxtraceD pick swap pick D0 mulr0 !add0r addr0.
Qed.

End Covariance.

(** Learning.  Of all weights without self-prediction those of row [i] have the least error, which is the
    conditional variance [1 / P_ii], and nothing else has it. *)
Theorem T28_regression (R : realFieldType) (n : nat) (S : 'M[R]_n) (i : 'I_n) (w : 'rV[R]_n) :
  covariance S -> no_self i w ->
  [/\ no_self i (row i (learned_weights S)),
      regression_error S i (row i (learned_weights S)) = (invmx S i i)^-1,
      (invmx S i i)^-1 <= regression_error S i w
    & regression_error S i w <= (invmx S i i)^-1 -> w = row i (learned_weights S)].
Proof.
move=> cov w0; have ns := learned_no_self cov i; set v := row i (learned_weights S) in ns *.
have form (z : 'rV[R]_n) : \tr (z *m S *m z^T) = dot z^T (S *m z^T).
  by rewrite dotC /dot trmxK [RHS]mxtrace_mulC mulmxA.
split=> //.
- by rewrite regression_square // subrr !mul0mx mxtrace0 addr0.
- rewrite regression_square // ler_addl form; case: (eqVneq (v - w)^T 0) => [->|D0].
    by rewrite dot0l.
  by apply: ltW; apply: cov.2.
- rewrite regression_square // ger_addl form => le; apply/eqP; rewrite eq_sym -subr_eq0 -/v.
  apply: contraT => ne; have := cov.2 (v - w)^T.
  by rewrite -(inj_eq (@trmx_inj _ _ _)) trmxK trmx0 ne => /(_ isT); rewrite ltNge le.
Qed.

(** Retrieval.  The first [a] units are held at what was observed.  The errors [x - W x] of the others vanish exactly when
    they are at their conditional mean [S_mo S_oo^-1 x_o]. *)
Theorem T28_covariance_learning (R : realFieldType) (a b : nat) (S : 'M[R]_(a + b))
    (observed : 'cV[R]_a) (missing : 'cV[R]_b) :
  covariance S ->
  let x := col_mx observed missing in
  ulsubmx S \in unitmx /\
  (dsubmx (x - learned_weights S *m x) = 0 <->
   missing = dlsubmx S *m invmx (ulsubmx S) *m observed).
Proof.
move=> cov x; have uS := covariance_unit cov.
have uo : ulsubmx S \in unitmx.
  suff co : covariance (ulsubmx S) by apply: covariance_unit co.
  split=> [|v v0]; first by rewrite trmx_ulsub cov.1.
  have := cov.2 (col_mx v 0); rewrite col_mx_eq0 (negbTE v0) => /(_ isT).
  rewrite -[S in S *m _]submxK mul_block_col !mulmx0 !addr0 /dot tr_col_mx mul_col_row.
  by rewrite mxtrace_block mul0mx mxtrace0 addr0.
split=> //.
have e : x - learned_weights S *m x = diag_mx (\row_i (invmx S i i)^-1) *m (invmx S *m x).
  by rewrite -{1}[x]mul1mx -mulmxBl learned_matrix mulmxA.
have entry i : (x - learned_weights S *m x) i ord0 = (invmx S i i)^-1 * (invmx S *m x) i ord0.
  by rewrite e mul_diag_mx mxE [in LHS]mxE.
have below (v : 'cV[R]_(a + b)) i : dsubmx v i ord0 = v (rshift a i) ord0 by rewrite mxE.
have dz : (dsubmx (x - learned_weights S *m x) = 0) <-> (dsubmx (invmx S *m x) = 0).
  split=> z; apply/colP => i; have := congr1 (fun v : 'cV[R]_b => v i ord0) z; rewrite !below entry.
    by rewrite !(mxE const_mx_key) => /eqP; rewrite mulf_eq0 invr_eq0 gt_eqF ?precision_diagonal //= => /eqP.
  by move=> ->; rewrite !(mxE const_mx_key) mulr0.
rewrite dz; split=> [z|mE].
- have xE : x = S *m (invmx S *m x) by rewrite mulKVmx.
  rewrite -[S in S *m _]submxK -[invmx S *m x]vsubmxK z mul_block_col !mulmx0 !addr0 in xE.
  have [oE mE] := eq_col_mx xE.
  by rewrite oE mE -mulmxA mulKmx.
- have -> : x = S *m col_mx (invmx (ulsubmx S) *m observed) 0.
    by rewrite -[S in S *m _]submxK mul_block_col !mulmx0 !addr0 mulKVmx // mulmxA -mE.
  by rewrite mulKmx // col_mxKd.
Qed.
