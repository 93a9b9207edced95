(** * Networks, activities, the proximal objective and the energy

    The definitions that every theorem uses.  The examples of the mini-batch are the columns
    of the activities, so that one definition serves a single example ([B = 1]) and any batch. *)

From Proofs Require Import Preamble Matrices.

(** A network for a mini-batch of [B] examples.  [act n] maps the activities of layer [n] to the
    rates that weight layer [n] sees, including the appended ones of a bias, hence two widths.
    It may be any function, so in particular any activation applied entry by entry. *)
Record network (R : realFieldType) (B : nat) := Network {
  depth : nat;                                                  (* N *)
  units : nat -> nat;                                           (* d_n *)
  rates : nat -> nat;                                           (* d_n, or d_n + 1 with a bias *)
  act   : forall n, 'M[R]_(units n, B) -> 'M[R]_(rates n, B);   (* h_n |-> bar a_n *)
  input : 'M[R]_(units 0, B);                                   (* x *)
  loss  : 'M[R]_(units depth, B) -> R                           (* h_N |-> loss of the batch *)
}.

Section Definitions.
Variables (R : realFieldType) (B : nat) (net : network R B).

(** Weights [W_0, W_1, ...] and activities [h_0, h_1, ...].  Only [W_n] with [n < depth net] and
    [h_n] with [n <= depth net] matter. *)
Definition weights := forall n, 'M[R]_(units net n.+1, rates net n).
Definition activities := forall n, 'M[R]_(units net n, B).

(** The feedforward pass: [h_0 = x], [h_(n+1) = W_n (bar a_n)]. *)
Fixpoint forward (W : weights) (n : nat) : 'M[R]_(units net n, B) :=
  match n with
  | 0 => input net
  | k.+1 => W k *m act (forward W k)
  end.

(** The loss of the weights, [L(theta)]. *)
Definition lossW (W : weights) : R := loss (forward W (depth net)).

(** The Euclidean structure of weight space. *)
Definition wdot (V W : weights) : R := \sum_(n < depth net) dot (V n) (W n).
Definition wsq (V : weights) : R := wdot V V.
Definition wadd (V W : weights) : weights := fun n => V n + W n.
Definition wsub (V W : weights) : weights := fun n => V n - W n.
Definition wscale (c : R) (V : weights) : weights := fun n => c *: V n.
Definition wsame (V W : weights) : Prop := forall n, (n < depth net)%N -> V n = W n.

(** The proximal objective [P_alpha(theta) = L(theta) + ||theta - theta_b||^2 / (2 alpha)]. *)
Definition prox (alpha : R) (Wb W : weights) : R :=
  lossW W + (2 * alpha)^-1 * wsq (wsub W Wb).

(** Local prediction errors [e_(n+1) = h_(n+1) - W_n (bar a_n)] and Gram matrices [K_n]. *)
Definition err (Wb : weights) (h : activities) n : 'M[R]_(units net n.+1, B) :=
  h n.+1 - Wb n *m act (h n).
Definition gram (h : activities) n : 'M[R]_B := (act (h n))^T *m act (h n).

(** The normalized update [W_n(h) = W_n^b + E_(n+1) (bar A_n)^+]; [pinv] is Moore-Penrose. *)
Definition updated (Wb : weights) (h : activities) : weights :=
  fun n => Wb n + err Wb h n *m pinv (act (h n)).

(** Admissible activities: the input is clamped, and each error lies in the row space of the
    rates, that is, some update of [W_n] removes it. *)
Definition admissible (Wb : weights) (h : activities) : Prop :=
  h 0%N = input net /\
  forall n, (n < depth net)%N -> exists D, D *m act (h n) = err Wb h n.

(** The energy over activities, with the term [|| E_(n+1) (bar A_n)^+ ||^2] of each layer
    (that is [tr E K^+ E^T], and [||e||^2 / s] for a single example). *)
Definition energy (alpha : R) (Wb : weights) (h : activities) : R :=
  loss (h (depth net))
  + (2 * alpha)^-1 * \sum_(n < depth net) nsq (err Wb h n *m pinv (act (h n))).

End Definitions.

(** [x] minimises [f] over [S]. *)
Definition minimises (R : realFieldType) (T : Type) (S : T -> Prop) (f : T -> R) (x : T) : Prop :=
  S x /\ forall y, S y -> f x <= f y.
Definition anything (T : Type) (x : T) : Prop := True.

(** ** The Euclidean structure of weight space *)

Section WeightSpace.
Variables (R : realFieldType) (B : nat) (net : network R B).
Implicit Types U V W Wb : weights net.

Lemma wsq_ge0 V : 0 <= wsq V.
Proof. by apply: sumr_ge0 => n _; apply: nsq_ge0. Qed.

Lemma wdotC U V : wdot U V = wdot V U.
Proof. by apply: eq_bigr => n _; rewrite dotC. Qed.

(* A squared norm is zero exactly when every weight matrix is. *)
Lemma wsq_eq0P V : wsq V = 0 <-> forall n, (n < depth net)%N -> V n = 0.
Proof.
split=> [/eqP|V0]; last first.
  by rewrite /wsq /wdot big1 // => n _; rewrite V0 // dot0l.
rewrite psumr_eq0 => [/allP h n ln|n _]; last exact: nsq_ge0.
by have := h (Ordinal ln) (mem_index_enum _); rewrite /= -/(nsq _) nsq_eq0 => /eqP.
Qed.

Lemma wsq_sub_eq0 U V : wsq (wsub U V) = 0 <-> wsame U V.
Proof.
rewrite wsq_eq0P; split=> h n ln; first by apply/eqP; rewrite -subr_eq0; apply/eqP/h.
by rewrite /wsub h // subrr.
Qed.

Lemma wsq_subC U V : wsq (wsub U V) = wsq (wsub V U).
Proof. by apply: eq_bigr => n _; apply: nsq_sym. Qed.

Lemma wsqZ c V : wsq (wscale c V) = c ^+ 2 * wsq V.
Proof. by rewrite /wsq /wdot mulr_sumr; apply: eq_bigr => n _; apply: nsqZ. Qed.

Lemma wsqD U V : wsq (wadd U V) = wsq U + 2 * wdot U V + wsq V.
Proof.
rewrite /wsq /wdot mulr_sumr -!big_split; apply: eq_bigr => n _; exact: nsqD.
Qed.

Lemma wsqB U V : wsq (wsub U V) = wsq U - 2 * wdot U V + wsq V.
Proof.
rewrite /wsq /wdot mulr_sumr -sumrB -big_split; apply: eq_bigr => n _; exact: nsqB.
Qed.

Lemma wsqD_le U V : wsq (wadd U V) <= 2 * wsq U + 2 * wsq V.
Proof.
rewrite /wsq /wdot !mulr_sumr -big_split; apply: ler_sum => n _; exact: nsqD_le.
Qed.

(* Cauchy-Schwarz in weight space, in the additive form that needs no roots. *)
Lemma wdot_le U V : 2 * wdot U V <= wsq U + wsq V.
Proof.
have := wsq_ge0 (wsub U V); rewrite wsqB -subr_ge0 subr0 => h; rewrite -subr_ge0.
by have -> : wsq U + wsq V - 2 * wdot U V = wsq U - 2 * wdot U V + wsq V by ring.
Qed.

(* The squared distance to [Wb] along a line. *)
Lemma wsq_line U V Wb t : wsq (wsub (wadd U (wscale t V)) Wb) =
  wsq (wsub U Wb) + 2 * t * wdot (wsub U Wb) V + t ^+ 2 * wsq V.
Proof.
rewrite /wsq /wdot !mulr_sumr -!big_split; apply: eq_bigr => n _ /=.
rewrite -/(nsq _) /wsub /wadd /wscale addrAC nsqD nsqZ dotZr; by ring.
Qed.

(* The feedforward pass, and with it the loss, depends on the weights entry by entry. *)
Lemma forward_same U V : wsame U V ->
  forall n, (n <= depth net)%N -> forward U n = forward V n.
Proof. by move=> UV; elim=> //= n IH ln; rewrite UV // IH // ltnW. Qed.

Lemma lossW_same U V : wsame U V -> lossW U = lossW V.
Proof. by move=> UV; rewrite /lossW (forward_same UV). Qed.

Lemma prox_same alpha Wb U V : wsame U V -> prox alpha Wb U = prox alpha Wb V.
Proof.
move=> UV; rewrite /prox (lossW_same UV); congr (_ + _ * _).
by apply: eq_bigr => n _; rewrite /wsub UV.
Qed.

(* Not moving leaves the loss. *)
Lemma prox_base alpha Wb : prox alpha Wb Wb = lossW Wb.
Proof.
by rewrite /prox; have -> : wsq (wsub Wb Wb) = 0; [apply/wsq_sub_eq0 | rewrite mulr0 addr0].
Qed.

End WeightSpace.

(** ** The correspondence between weights and activities *)

Section Correspondence.
Variables (R : realFieldType) (B : nat) (net : network R B).
Implicit Types (W Wb : weights net) (h : activities net).

(* Along a feedforward pass the error of a layer is its change of weights at work. *)
Lemma err_forward Wb W n : (W n - Wb n) *m act (forward W n) = err Wb (forward W) n.
Proof. by rewrite mulmxBl. Qed.

Lemma forward_admissible Wb W : admissible Wb (forward W).
Proof. by split=> // n _; exists (W n - Wb n); apply: err_forward. Qed.

(* The normalized update removes the error of an admissible layer. *)
Lemma updated_act Wb h n : admissible Wb h -> (n < depth net)%N ->
  updated Wb h n *m act (h n) = h n.+1.
Proof.
move=> [_ adm] ln; have [D De] := adm n ln.
by rewrite mulmxDl (min_norm_solves De) addrC /err subrK.
Qed.

(* T7: feedforward activities after the update are the inferred ones. *)
Lemma forward_updated Wb h : admissible Wb h ->
  forall n, (n <= depth net)%N -> forward (updated Wb h) n = h n.
Proof.
move=> adm; elim=> [_|n IH ln] /=; first by case: adm.
by rewrite IH ?(ltnW ln) // updated_act.
Qed.

(* The size of the normalized update is the quadratic part of the energy. *)
Lemma prox_updated alpha Wb h : admissible Wb h ->
  prox alpha Wb (updated Wb h) = energy alpha Wb h.
Proof.
move=> adm; rewrite /prox /lossW forward_updated //; congr (_ + _ * _).
by apply: eq_bigr => n _; rewrite /wsub /updated addrC addKr.
Qed.

(* T3: the proximal objective is the energy of the feedforward activities and a sum of squares. *)
Lemma prox_energy alpha Wb W : prox alpha Wb W =
  energy alpha Wb (forward W) + (2 * alpha)^-1 * wsq (wsub W (updated Wb (forward W))).
Proof.
rewrite /prox /energy -addrA -mulrDr -big_split; congr (_ + _ * _).
apply: eq_bigr => n _ /=; rewrite -/(nsq _) (min_norm (err_forward Wb W n)).
by congr (_ + nsq _); rewrite /wsub /updated opprD addrA.
Qed.

(* Admissible activities agree with a feedforward pass exactly when the weights are updated ones. *)
Lemma energy_le_prox alpha Wb W : 0 < alpha -> energy alpha Wb (forward W) <= prox alpha Wb W.
Proof.
move=> a0; rewrite prox_energy ler_addl mulr_ge0 ?wsq_ge0 // invr_ge0 mulr_ge0 ?ler0n //.
exact: ltW.
Qed.

(* Energies of activities that agree up to the output are equal. *)
Lemma energy_same alpha Wb h k : (forall n, (n <= depth net)%N -> h n = k n) ->
  energy alpha Wb h = energy alpha Wb k.
Proof.
move=> hk; rewrite /energy hk //; congr (_ + _ * _); apply: eq_bigr => n _.
by rewrite /err !hk // ltnW.
Qed.

(* A nonsingular Gram matrix makes every error of the layer admissible. *)
Lemma gram_admissible Wb h : h 0%N = input net ->
  (forall n, (n < depth net)%N -> gram h n \in unitmx) -> admissible Wb h.
Proof.
move=> h0 uK; split=> // n ln; exists (err Wb h n *m pinv (act (h n))).
exact/pinv_full_solves/uK.
Qed.

End Correspondence.

(** ** One layer

    The network of T5 and T11: one weight matrix, any inputs [x] (the columns, with the appended
    1 of a bias if there is one), any loss. *)

Section OneLayer.
Variables (R : realFieldType) (B d0 d1 : nat) (x : 'M[R]_(d0, B)) (ell : 'M[R]_(d1, B) -> R).

Definition widths (n : nat) : nat := if n is 0 then d0 else d1.
Definition one_layer : network R B :=
  @Network R B 1 widths widths (fun _ X => X) x ell.

(** Weights of this network with [M] as their matrix. *)
Definition one_weight (M : 'M[R]_(d1, d0)) : weights one_layer :=
  fun n => match n return 'M[R]_(widths n.+1, widths n) with 0 => M | _.+1 => 0 end.

Lemma one_layer_loss (W : weights one_layer) : lossW W = ell (W 0%N *m x).
Proof. by []. Qed.

Lemma one_layer_wdot (V W : weights one_layer) : wdot V W = dot (V 0%N) (W 0%N).
Proof. by rewrite /wdot big_ord_recl big_ord0 addr0. Qed.

Lemma one_layer_prox alpha (Wb W : weights one_layer) :
  prox alpha Wb W = ell (W 0%N *m x) + (2 * alpha)^-1 * nsq (W 0%N - Wb 0%N).
Proof. by rewrite /prox /wsq one_layer_wdot. Qed.

End OneLayer.

(** The squared error of a batch. *)
Definition squared_error (R : realFieldType) d B (y h : 'M[R]_(d, B)) : R := 2^-1 * nsq (h - y).
